using OrleansConcert.Storage;

namespace OrleansConcert.Grains.Tests;

/// <summary>What becomes of an append.</summary>
internal enum Fate
{
    Written,

    /// <summary>It fails and nothing of it is there.</summary>
    FailBefore,

    /// <summary>It fails although all of it is there.</summary>
    FailAfter,

    /// <summary>It is written, but nobody is told before <see cref="ScriptedJournal.Release"/>.</summary>
    Held,

    /// <summary>Nothing of it is there, and nobody is told before <see cref="ScriptedJournal.Release"/>.</summary>
    FailLater,
}

/// <summary>A journal that does to each append what a test tells it to, and remembers every one.</summary>
internal sealed class ScriptedJournal(FileJournal inner) : IJournal
{
    private readonly Lock _gate = new();
    private readonly List<Append> _appends = [];
    private int _headsAsked;
    private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FileJournal Inner => inner;

    /// <summary>Asked for each append, in order, one at a time. Default: all are written.</summary>
    public Func<Append, Fate>? Script { get; set; }

    /// <summary>Whether the journal can be loaded and read.</summary>
    public bool ReadsFail { get; set; }

    /// <summary>A stream that can't be loaded; null for none.</summary>
    public string? Lost { get; set; }

    public bool SnapshotsFail { get; set; }

    /// <summary>Done before anything is read for an audit or a trail.</summary>
    public Action BeforeReading { get; set; } = () => { };

    /// <summary>After which positions the journal was read on.</summary>
    public List<long> Positions { get; } = [];

    public int SnapshotsAsked { get; private set; }

    /// <summary>How many appends were not simply written.</summary>
    public int Caught { get; private set; }

    public DateTimeOffset LastInstant => inner.LastInstant;

    /// <summary>Whether the grains are told that others may write it too. Default: no.</summary>
    public bool IsShared { get; set; }

    /// <summary>How often it was asked where a stream is.</summary>
    public int HeadsAsked => _headsAsked;

    /// <summary>Every append to a stream so far, in order.</summary>
    public ImmutableArray<Append> To(string stream)
    {
        lock (_gate)
        {
            return [.. _appends.Where(append => append.Stream == stream)];
        }
    }

    /// <summary>From now on the appends to this stream are written but not told.</summary>
    public void HoldBack(string stream) =>
        Script = append => append.Stream == stream ? Fate.Held : Fate.Written;

    /// <summary>What was held back is told, in order, and nothing more is held back.</summary>
    public void Release()
    {
        // Under the lock: an append that was counted as caught has then taken what it waits for.
        lock (_gate)
        {
            Script = null;
            Interlocked.Exchange(ref _released, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }
    }

    /// <summary>The next append to this stream has this fate, those after it none.</summary>
    public void Next(string stream, Fate fate)
    {
        var done = 0;
        Script = append => append.Stream == stream && Interlocked.Exchange(ref done, 1) == 0 ? fate : Fate.Written;
    }

    /// <summary>The process is gone as soon as so many appends to streams of this kind are written: nobody is told of the last.</summary>
    public void DieAfter(int appends, params string[] streams)
    {
        var seen = 0;
        Script = append =>
        {
            if (seen == appends)
            {
                Die();
                return Fate.FailBefore;
            }

            var counts = streams.Any(stream => append.Stream.StartsWith(stream, StringComparison.Ordinal));
            if (counts && ++seen == appends)
            {
                Die();
                return Fate.FailAfter;
            }

            return Fate.Written;
        };
    }

    /// <summary>The process is gone: from now on nothing is written or read.</summary>
    public void Die()
    {
        ReadsFail = true;
        Script = _ => Fate.FailBefore;
    }

    public Task<AppendResult> Append(Append append)
    {
        lock (_gate)
        {
            _appends.Add(append);
            var fate = Script?.Invoke(append) ?? Fate.Written;
            Caught += fate == Fate.Written ? 0 : 1;
            return fate switch
            {
                Fate.FailBefore => Task.FromException<AppendResult>(new JournalException("Told to fail.", nothingWritten: true)),
                Fate.FailAfter => FailAfter(inner.Append(append)),
                Fate.FailLater => FailLater(_released.Task),
                Fate.Held => Hold(inner.Append(append), _released.Task),
                Fate.Written => inner.Append(append),
            };
        }
    }

    public Task<long> Head(string stream)
    {
        Interlocked.Increment(ref _headsAsked);
        return ReadsFail ? Unreadable<long>() : inner.Head(stream);
    }

    public Task<LoadedStream> Load(string stream) => ReadsFail || stream == Lost ? Unreadable<LoadedStream>() : inner.Load(stream);

    public Task<IReadOnlyList<JournalEntry>> ReadBackward(string stream, long before, int count)
    {
        BeforeReading();
        return ReadsFail ? Unreadable<IReadOnlyList<JournalEntry>>() : inner.ReadBackward(stream, before, count);
    }

    public IAsyncEnumerable<JournalEntry> ReadAll(CancellationToken cancellationToken) => inner.ReadAll(cancellationToken);

    public Task<long> End() => inner.End();

    public IAsyncEnumerable<JournalEntry> Read(long after, long upTo, CancellationToken cancellationToken)
    {
        Positions.Add(after);
        BeforeReading();
        return inner.Read(after, upTo, cancellationToken);
    }

    public Task<StoredAnswer?> FindAnswer(string caller, string key) =>
        ReadsFail ? Unreadable<StoredAnswer?>() : inner.FindAnswer(caller, key);

    public Task SaveSnapshot(string stream, long version, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        SnapshotsAsked++;
        return SnapshotsFail ? Unreadable<bool>() : inner.SaveSnapshot(stream, version, pieces);
    }

    public Task<IReadOnlyCollection<string>> UnfinishedStreams() => inner.UnfinishedStreams();

    private static Task<T> Unreadable<T>() =>
        Task.FromException<T>(new JournalException("Told to fail.", nothingWritten: true));

    private static async Task<AppendResult> FailAfter(Task<AppendResult> append)
    {
        await append;
        throw new JournalException("Told to fail.", nothingWritten: false);
    }

    private static async Task<AppendResult> FailLater(Task released)
    {
        await released;
        throw new JournalException("Told to fail.", nothingWritten: true);
    }

    private static async Task<AppendResult> Hold(Task<AppendResult> append, Task released)
    {
        await released;
        return await append;
    }
}
