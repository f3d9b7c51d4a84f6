namespace OrleansConcert.Simulation;

/// <summary>
/// The naive model: everything anybody was ever told or shown, each as what must be in the journal from then on, whatever
/// crashes. And the answers given to keys: one key, one answer.
/// </summary>
internal sealed class Claims
{
    private readonly List<(string Text, Func<Books, bool> IsTrue)> _claims = [];
    private readonly Dictionary<(string Caller, string Key), string> _answers = [];
    private readonly Dictionary<string, int> _holdsAskedFor = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<(string Caller, string Key), string> Answers => _answers;

    public void Add(string text, Func<Books, bool> isTrue) => _claims.Add((text, isTrue));

    /// <summary>One more hold may come of this user; however often it is asked for again under its key.</summary>
    public void MayHold(string userId) => _holdsAskedFor[userId] = _holdsAskedFor.GetValueOrDefault(userId) + 1;

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

    /// <summary>What was told but is not so.</summary>
    public IEnumerable<string> Untrue(Books books)
    {
        foreach (var (text, isTrue) in _claims)
        {
            if (!isTrue(books))
            {
                yield return "was told, but is not in the journal: " + text;
            }
        }

        foreach (var (user, holds) in books.Holds.Values.CountBy(hold => hold.UserId))
        {
            if (holds > _holdsAskedFor.GetValueOrDefault(user))
            {
                yield return $"{user} asked for {_holdsAskedFor.GetValueOrDefault(user)} holds and got {holds}";
            }
        }
    }
}
