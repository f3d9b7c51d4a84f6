namespace OrleansConcert.Grains.Journal;

/// <summary>A stream read backwards in pages: how a user's lists are made, with nothing kept in memory.</summary>
public static class History
{
    private const int ReadAtOnce = 128;

    /// <summary>
    /// Up to <paramref name="limit"/> items of the entries older than <paramref name="before"/> (0 for the newest), newest first.
    /// Entries for which <paramref name="item"/> gives null are passed over.
    /// </summary>
    public static async Task<Page<T>> Read<T>(
        IJournal journal, string stream, long before, int limit, Func<JournalEntry, T?> item)
        where T : class
    {
        var items = ImmutableArray.CreateBuilder<T>();
        var (position, lastShown) = (before > 0 ? before : long.MaxValue, 0L);
        IReadOnlyList<JournalEntry> entries;
        do
        {
            entries = await Entries(journal, stream, position);
            foreach (var entry in entries)
            {
                position = entry.Version;
                if (item(entry) is not { } found)
                {
                    continue;
                }

                if (items.Count == limit)
                {
                    return new(items.ToImmutable(), lastShown);
                }

                items.Add(found);
                lastShown = entry.Version;
            }
        }
        while (entries.Count == ReadAtOnce);
        return new(items.ToImmutable(), null);
    }

    /// <summary>Every entry of a stream, newest first, a page at a time.</summary>
    public static async IAsyncEnumerable<JournalEntry> Backward(IJournal journal, string stream)
    {
        var before = long.MaxValue;
        IReadOnlyList<JournalEntry> entries;
        do
        {
            entries = await Entries(journal, stream, before);
            foreach (var entry in entries)
            {
                before = entry.Version;
                yield return entry;
            }
        }
        while (entries.Count == ReadAtOnce);
    }

    private static async Task<IReadOnlyList<JournalEntry>> Entries(IJournal journal, string stream, long before)
    {
        try
        {
            return await journal.ReadBackward(stream, before, ReadAtOnce);
        }
        catch (JournalException exception)
        {
            throw new UnavailableException("The journal can't be read now.", exception);
        }
    }
}
