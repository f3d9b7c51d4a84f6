namespace OrleansConcert.Storage.Tests;

/// <summary>What an append was told.</summary>
internal enum Told
{
    Durable,
    HeadMoved,
    KeyTaken,
    Nothing,
    Unknown,
}

/// <summary>
/// Every append and what it was told. Told durable: it is there, whole, in its place. Told anything certain else: nothing of it is
/// there. Unknown: whole or not at all, and once seen it stays what it was seen to be.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<Append, Told> _told = new(ReferenceEqualityComparer.Instance);

    public bool HasUnknown => _told.ContainsValue(Told.Unknown);

    public Told Tell(Append append, Told told)
    {
        _told.Add(append, told);
        return told;
    }

    public long HeadOf(string stream) => Durable().Where(append => append.Stream == stream).Sum(append => append.Events.Count);

    /// <summary>What an append must be told where nothing else runs, nothing fails and nothing is unknown.</summary>
    public Told Expected(Append append)
    {
        if (append.Answer is { } answer && Durable().Any(each => each.Answer is { } other && Blocks(other, answer)))
        {
            return Told.KeyTaken;
        }

        return append.Events.Count > 0 && HeadOf(append.Stream) != append.Head ? Told.HeadMoved : Told.Durable;
    }

    /// <summary>Holds a journal against the ledger, and settles what was unknown by what is there.</summary>
    public async Task Check(FileJournal journal)
    {
        var entries = await journal.All();
        var byStream = entries.GroupBy(entry => entry.Stream).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var append in _told.Keys.ToList())
        {
            var there = await IsThere(journal, append, byStream);
            Assert.False(there && _told[append] is not (Told.Durable or Told.Unknown), $"{IdOf(append)} is there, told {_told[append]}");
            Assert.False(!there && _told[append] == Told.Durable, $"{IdOf(append)} is lost");
            _told[append] = _told[append] != Told.Unknown ? _told[append] : there ? Told.Durable : Told.Nothing;
        }

        Assert.Equal(Durable().Sum(append => append.Events.Count + append.Notes.Count), entries.Count);
        foreach (var (stream, expected) in byStream)
        {
            await CheckStream(journal, stream, expected);
        }

        Assert.Equal(Unfinished(byStream), await journal.UnfinishedStreams());
    }

    private static async Task CheckStream(FileJournal journal, string stream, List<JournalEntry> expected)
    {
        Assert.Equal(Enumerable.Range(1, expected.Count).Select(version => (long)version), expected.Select(entry => entry.Version));
        var loaded = await journal.Load(stream);
        Assert.Equal(expected.Count, loaded.Head);
        Assert.Equal(expected.Skip((int)loaded.SnapshotVersion).Select(Shown), loaded.Events.Select(Shown));
        Assert.Equal(loaded.SnapshotVersion > 0 ? ["some", "state"] : [], loaded.SnapshotPieces.Select(Given.TextOf));
        var page = await journal.ReadBackward(stream, expected.Count, 5);
        Assert.Equal(expected.SkipLast(1).TakeLast(5).Reverse().Select(Shown), page.Select(Shown));
    }

    private static async Task<bool> IsThere(FileJournal journal, Append append, Dictionary<string, List<JournalEntry>> byStream)
    {
        var parts = new List<bool>();
        var stream = byStream.GetValueOrDefault(append.Stream, []);
        for (var part = 0; part < append.Events.Count; part++)
        {
            var at = append.Head + part;
            parts.Add(at < stream.Count && Given.TextOf(stream[(int)at].Text) == Given.TextOf(append.Events[part]));
        }

        parts.AddRange(append.Notes.Select(note => byStream.GetValueOrDefault(note.Stream, [])
            .Any(entry => Given.TextOf(entry.Text) == Given.TextOf(note.Text))));
        if (append.Answer is { } answer)
        {
            var found = await journal.FindAnswer(answer.Caller, answer.Key);
            var expired = journal.LastInstant - answer.At >= StoredAnswer.Retention;
            parts.AddRange(expired ? [] : [found is not null && found.Body.Span.SequenceEqual(answer.Body.Span)]);
        }

        Assert.True(parts.Distinct().Count() <= 1, $"{IdOf(append)} is there in part");
        return parts.Count > 0 && parts[0];
    }

    private static IEnumerable<string> Shown(JournalEntry entry) => [$"{entry.Version} {entry.At:O} {Given.TextOf(entry.Text)}"];

    private static string IdOf(Append append) =>
        $"{append.Stream} after {append.Head}: {(append.Events.Count > 0 ? Given.TextOf(append.Events[0]) : "only an answer")}";

    private static bool Blocks(StoredAnswer other, StoredAnswer answer) =>
        other.Caller == answer.Caller && other.Key == answer.Key && answer.At - other.At < StoredAnswer.Retention;

    private IEnumerable<Append> Durable() => _told.Where(pair => pair.Value == Told.Durable).Select(pair => pair.Key);

    private List<string> Unfinished(Dictionary<string, List<JournalEntry>> byStream) =>
    [
        .. byStream.Where(pair => Durable().Any(append =>
            append.Stream == pair.Key && append.Unfinished && append.Events.Count > 0
            && append.Head + append.Events.Count == pair.Value.Count)).Select(pair => pair.Key).Order(StringComparer.Ordinal),
    ];
}
