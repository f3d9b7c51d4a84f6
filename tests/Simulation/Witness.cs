using OrleansConcert.Storage;

namespace OrleansConcert.Simulation;

/// <summary>What becomes of an append, whatever the disk does.</summary>
internal enum AppendFault
{
    None,

    /// <summary>It fails, and nothing of it is written.</summary>
    FailBefore,

    /// <summary>It is written, and reported as failed: nobody knows.</summary>
    FailAfter,

    /// <summary>It is written, and that is told late.</summary>
    Late,
}

/// <summary>
/// Stands between the grains of one process and their journal: keeps what was handed over, tells the books of each event once it is
/// durable and before anybody else learns of it, and fails where misfortune says.
/// </summary>
internal sealed class Witness(FileJournal inner, World world) : IJournal
{
    private readonly Dictionary<string, SortedDictionary<long, ReadOnlyMemory<byte>>> _handed = new(StringComparer.Ordinal);

    public DateTimeOffset LastInstant => inner.LastInstant;

    /// <summary>The events of a stream that were handed over and are not known to be durable, by version.</summary>
    public IEnumerable<KeyValuePair<long, ReadOnlyMemory<byte>>> HandedTo(string stream) => _handed.GetValueOrDefault(stream) ?? [];

    public bool IsShared => inner.IsShared;

    public Task<long> Head(string stream) => inner.Head(stream);

    public Task<long> End() => inner.End();

    public IAsyncEnumerable<JournalEntry> Read(long after, long upTo, CancellationToken cancellationToken) =>
        inner.Read(after, upTo, cancellationToken);

    public Task<AppendResult> Append(Append append)
    {
        var fault = world.Misfortune.OnAppend();
        if (!Books.Folds(append.Stream))
        {
            return inner.Append(append);
        }

        if (!_handed.TryGetValue(append.Stream, out var handed))
        {
            _handed.Add(append.Stream, handed = []);
        }

        for (var index = 0; index < append.Events.Count; index++)
        {
            handed[append.Head + 1 + index] = append.Events[index];
        }

        return fault == AppendFault.FailBefore
            ? Task.FromException<AppendResult>(new JournalException("Simulated: it fails before.", nothingWritten: true))
            : Follow(append, inner.Append(append), fault);
    }

    public async Task<LoadedStream> Load(string stream)
    {
        await world.Misfortune.OnRead();
        var loaded = await inner.Load(stream);
        if (Books.Folds(stream))
        {
            var known = world.Books.KnownOf(stream);
            world.Break(loaded.Head < known ? $"{stream} was known to be durable up to {known}, and is loaded up to {loaded.Head}" : null);
            foreach (var entry in loaded.Events)
            {
                Observe(stream, entry.Version, entry.Text);
            }

            Advance(stream, loaded.Head);
            _handed.Remove(stream);
        }

        return loaded;
    }

    public async Task<IReadOnlyList<JournalEntry>> ReadBackward(string stream, long before, int count)
    {
        await world.Misfortune.OnRead();
        return await inner.ReadBackward(stream, before, count);
    }

    public IAsyncEnumerable<JournalEntry> ReadAll(CancellationToken cancellationToken) => inner.ReadAll(cancellationToken);

    public async Task<StoredAnswer?> FindAnswer(string caller, string key)
    {
        await world.Misfortune.OnRead();
        return await inner.FindAnswer(caller, key);
    }

    public Task SaveSnapshot(string stream, long version, IReadOnlyList<ReadOnlyMemory<byte>> pieces) =>
        inner.SaveSnapshot(stream, version, pieces);

    public Task<IReadOnlyCollection<string>> UnfinishedStreams() => inner.UnfinishedStreams();

    private async Task<AppendResult> Follow(Append append, Task<AppendResult> writing, AppendFault fault)
    {
        var result = await writing;
        if (result.Outcome == AppendOutcome.Durable)
        {
            // An answer alone is not fenced: it says nothing of the events before it.
            Advance(append.Stream, append.Events.Count > 0 ? append.Head + append.Events.Count : 0);
            world.Break(append.Answer is { } answer ? world.Books.Answered(answer) : null);
        }

        switch (fault)
        {
            case AppendFault.FailAfter:
                throw new JournalException("Simulated: it fails after.", nothingWritten: false);
            case AppendFault.Late:
                await world.Misfortune.Lateness();
                break;
        }

        return result;
    }

    /// <summary>The journal keeps the order of a stream: what was handed over before a durable version is durable too.</summary>
    private void Advance(string stream, long upTo)
    {
        for (var version = world.Books.KnownOf(stream) + 1; version <= upTo; version++)
        {
            ReadOnlyMemory<byte> text = default;
            var known = _handed.TryGetValue(stream, out var handed) && handed.Remove(version, out text);
            world.Break(known ? null : $"nobody wrote {stream} {version}, which is durable");
            Observe(stream, version, text);
        }
    }

    private void Observe(string stream, long version, ReadOnlyMemory<byte> text)
    {
        if (version == world.Books.KnownOf(stream) + 1)
        {
            world.Break(world.Books.Observe(stream, version, text));
        }
    }
}
