namespace OrleansConcert.Simulation.Running;

/// <summary>Seeds from one to another, both included. As text <c>1..100</c>.</summary>
internal readonly record struct SeedRange(int From, int To)
{
    public long Count => (long)To - From + 1;

    /// <summary>Reads <c>1..100</c> or <c>7</c>; null where it is neither, or ends before it begins.</summary>
    public static SeedRange? TryParse(string text)
    {
        var ends = text.Split("..");
        return ends.Length <= 2 && TryNumber(ends[0], out var from) && TryNumber(ends[^1], out var to) && from <= to && to < int.MaxValue
            ? new SeedRange(from, to)
            : null;
    }

    public IEnumerable<int> Seeds() => Enumerable.Range(From, (int)Count);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From}..{To}");

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
