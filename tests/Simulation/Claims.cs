namespace OrleansConcert.Simulation;

/// <summary>
/// What anybody is told or shown must be known to be durable at that instant; and a key has one answer. The books keep what they
/// know, and the journal is held against them at every start: so what was told once stays true, whatever crashes.
/// </summary>
internal sealed class Claims(World world)
{
    private readonly Dictionary<(string Caller, string Key), string> _answers = [];
    private readonly Dictionary<string, int> _holdsAskedFor = new(StringComparer.Ordinal);
    private readonly HashSet<(long Ticket, EndReason Reason)> _endsAskedFor = [];

    public IReadOnlyDictionary<(string Caller, string Key), string> Answers => _answers;

    /// <summary>Somebody is told this.</summary>
    public void Add(string text, Func<Books, bool> isTrue) =>
        world.Break(isTrue(world.Books) ? null : "was told, but is not durable: " + text);

    /// <summary>One more hold may come of this user; however often it is asked for again under its key.</summary>
    public void MayHold(string userId) => _holdsAskedFor[userId] = HoldsAskedFor(userId) + 1;

    public int HoldsAskedFor(string userId) => _holdsAskedFor.GetValueOrDefault(userId);

    /// <summary>Somebody asks for that end of a place, and gives its holds up with it.</summary>
    public void MayEnd(long ticket, EndReason reason) => _endsAskedFor.Add((ticket, reason));

    public bool IsEndAskedFor(Ended end) => _endsAskedFor.Contains((end.Ticket, end.Reason));

    /// <summary>What was answered to a key; what is wrong with it, or null.</summary>
    public string? Answered(Repeat repeat, string body)
    {
        if (_answers.TryAdd((repeat.Caller, repeat.Key), body))
        {
            return null;
        }

        var first = _answers[(repeat.Caller, repeat.Key)];
        return first == body ? null : $"the key {repeat.Key} of {repeat.Caller} was answered\n  {first}\nand then\n  {body}";
    }
}
