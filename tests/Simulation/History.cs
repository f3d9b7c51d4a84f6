namespace OrleansConcert.Simulation;

/// <summary>What happened as the clients saw it, line by line.</summary>
internal sealed class History(TimeProvider time)
{
    private static readonly int s_shown = SeedTests.From("HISTORY", 40);
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(string line) => _lines.Add(string.Create(
        CultureInfo.InvariantCulture, $"{(time.GetUtcNow() - _start).TotalMilliseconds,10:0.###} {line}"));

    /// <summary>The last lines, for whoever has to find out why.</summary>
    public string Tail() => string.Join('\n', _lines.TakeLast(s_shown));
}

/// <summary>A promise was broken.</summary>
public sealed class BrokenPromiseException(string message) : Exception(message);
