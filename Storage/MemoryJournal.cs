using OrleansConcert.Storage.Disks;

namespace OrleansConcert.Storage;

/// <summary>
/// A journal for trying things out: the rules of <see cref="FileJournal"/>, on a disk in memory. Everything in it is lost
/// with the process, and its memory only grows.
/// </summary>
public sealed class MemoryJournal : IJournal, IAsyncDisposable
{
    private readonly FileJournal _journal;

    private MemoryJournal(FileJournal journal) => _journal = journal;

    /// <summary>Whether appends can succeed.</summary>
    public bool IsHealthy => _journal.IsHealthy;

    public DateTimeOffset LastInstant => _journal.LastInstant;

    public static async Task<MemoryJournal> Open(FileJournalOptions? options = null) =>
        new(await FileJournal.Open(new MemoryDisk(), options));

    public Task<AppendResult> Append(Append append) => _journal.Append(append);

    public Task<LoadedStream> Load(string stream) => _journal.Load(stream);

    public Task<IReadOnlyList<JournalEntry>> ReadBackward(string stream, long before, int count) =>
        _journal.ReadBackward(stream, before, count);

    public IAsyncEnumerable<JournalEntry> ReadAll(CancellationToken cancellationToken) => _journal.ReadAll(cancellationToken);

    public Task<StoredAnswer?> FindAnswer(string caller, string key) => _journal.FindAnswer(caller, key);

    public Task SaveSnapshot(string stream, long version, IReadOnlyList<ReadOnlyMemory<byte>> pieces) =>
        _journal.SaveSnapshot(stream, version, pieces);

    public IReadOnlyCollection<string> UnfinishedStreams() => _journal.UnfinishedStreams();

    public ValueTask DisposeAsync() => _journal.DisposeAsync();
}
