using OrleansConcert.Storage.Disks;
using OrleansConcert.Storage.Reading;
using OrleansConcert.Storage.Segments;
using OrleansConcert.Storage.Writing;

namespace OrleansConcert.Storage;

/// <summary>
/// The journal in a folder of files: what it acknowledged is on the medium, whole and checksummed, whatever happens to
/// the process or the power. One process per folder. After a failed write it recovers by itself once the disk does.
/// </summary>
public sealed class FileJournal : IStore
{
    private readonly FileJournalOptions _options;
    private readonly IDisposable _lock;
    private readonly SegmentFiles _files = new();
    private readonly JournalIndex _index = new();
    private readonly JournalReader _reader;
    private readonly SnapshotFiles _snapshots;
    private readonly SegmentLog _log;
    private readonly WaitingLine _line;
    private readonly JournalWriter _writer;
    private readonly TaskScheduler _background;
    private WriterThread? _thread;
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    private FileJournal(IDisk disk, FileJournalOptions options, IDisposable held)
    {
        _options = options;
        _lock = held;
        _reader = new JournalReader(_files, _index);
        _snapshots = new SnapshotFiles(disk, options.Logger);
        _log = new SegmentLog(disk, _files, options);
        _line = new WaitingLine(options);
        _writer = new JournalWriter(_log, new BatchDraft(_index, _reader), _line, options);
        _background = options.WriterScheduler ?? TaskScheduler.Default;
    }

    /// <summary>Whether appends can succeed: false from a failed write until the recovery, and while the disk hangs.</summary>
    public bool IsHealthy => _writer.IsHealthy && !_line.Stuck && !_running.IsCompleted;

    /// <remarks>Always: the operating system's lock on the folder ends with the process alone.</remarks>
    public bool IsOurs => true;

    public Task Lost { get; } = new TaskCompletionSource().Task;

    /// <summary>Durable flushes of the log since it was opened, those for zero-filling included.</summary>
    public long Flushes => _log.Flushes;

    /// <summary>Appends made durable since the journal was opened.</summary>
    public long Appends => _writer.Appends;

    public DateTimeOffset LastInstant => DateTimeOffset.FromUnixTimeMilliseconds(_index.Latest);

    /// <summary>Opens the store in a folder, or begins one there.</summary>
    /// <exception cref="StoreException">It is in use, damaged, or cannot be read; the message is one line.</exception>
    public static Task<FileJournal> Open(string folder, FileJournalOptions? options = null) => Open(new FolderDisk(folder), options);

    /// <summary>Opens the store on a disk, or begins one there.</summary>
    /// <exception cref="StoreException">It is in use, damaged, or cannot be read; the message is one line.</exception>
    public static async Task<FileJournal> Open(IDisk disk, FileJournalOptions? options = null)
    {
        options ??= new FileJournalOptions();
        options.Validate();
        var journal = new FileJournal(disk, options, disk.Lock());
        try
        {
            await journal.Start(disk);
            return journal;
        }
        catch (Exception e)
        {
            journal.Release();
            throw e is StoreException ? e : new StoreException($"The store '{disk.Name}' cannot be opened: {e.Message}", e);
        }
    }

    public Task<AppendResult> Append(Append append)
    {
        AppendRules.Check(append);
        return _line.Add(append);
    }

    public async Task<LoadedStream> Load(string stream)
    {
        await _line.Barrier();
        return await Reading(async () =>
        {
            var head = _index.HeadOf(stream);
            var (version, pieces) = await _snapshots.Load(stream, head.Version);
            return new LoadedStream(version, pieces, head.Version, await _reader.ReadAfter(stream, head, version));
        });
    }

    /// <remarks>The folder's lock keeps every other process out.</remarks>
    public bool IsShared => false;

    public async Task<long> Head(string stream)
    {
        await _line.Barrier();
        return _index.HeadOf(stream).Version;
    }

    public Task<IReadOnlyList<JournalEntry>> ReadBackward(string stream, long before, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Reading(async () => await _reader.ReadBackward(stream, before, count));
    }

    public IAsyncEnumerable<JournalEntry> ReadAll(CancellationToken cancellationToken) =>
        _reader.Read(0, _index.End, cancellationToken);

    public Task<long> End() => Task.FromResult(_index.End);

    public IAsyncEnumerable<JournalEntry> Read(long after, long upTo, CancellationToken cancellationToken) =>
        _reader.Read(after, upTo, cancellationToken);

    public Task<StoredAnswer?> FindAnswer(string caller, string key) =>
        Reading(async () => await _reader.FindAnswer(caller, key, AnswerIndex.HashOf(caller, key), _index.Latest));

    /// <remarks>Written away from the caller's thread; one at a time.</remarks>
    public Task SaveSnapshot(string stream, long version, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        var head = _index.HeadOf(stream).Version;
        if (version < 1 || version > head)
        {
            throw new ArgumentException($"A snapshot of '{stream}' at {version} would be ahead of its head, {head}.", nameof(version));
        }

        if (pieces.Sum(piece => (long)piece.Length) > SnapshotFiles.BytesMax)
        {
            throw new ArgumentException($"A snapshot has at most {SnapshotFiles.BytesMax} bytes.", nameof(pieces));
        }

        return Reading(() => Task.Factory.StartNew(
            async () =>
            {
                await _snapshots.Save(stream, version, pieces);
                return true;
            },
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            _background).Unwrap());
    }

    public Task<IReadOnlyCollection<string>> UnfinishedStreams() => Task.FromResult(_index.Unfinished());

    /// <summary>
    /// Writes what waits, closes the log in order and gives the folder free. Where the disk hangs, it waits for the time-out only.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _line.Close();
        try
        {
            await _running.WaitAsync(_options.WriteTimeout, _options.Time);
        }
        catch (Exception e)
        {
            _options.Logger.NotClosed(e);
        }

        Release();
    }

    private async Task Start(IDisk disk)
    {
        var names = await disk.List();
        await new StoreOpening(disk, _files, _log, _index, _options).Open(names);
        await _snapshots.Scan(names);
        _thread = _options.WriterScheduler is null ? new WriterThread() : null;
        _running = Task.Factory.StartNew(
            _writer.Run, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _thread ?? _background).Unwrap();
    }

    private void Release()
    {
        _line.Dispose();
        _files.Dispose();
        _snapshots.Dispose();
        _thread?.Dispose();
        _lock.Dispose();
    }

    /// <summary>A disk that cannot be read is the journal's failure, not the caller's.</summary>
    private static async Task<T> Reading<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            throw new JournalException($"The journal cannot be read: {e.Message}", nothingWritten: true, e);
        }
    }
}
