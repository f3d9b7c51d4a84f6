namespace OrleansConcert.Storage.Writing;

/// <summary>
/// Where appends wait for the writer: callers add to one list, the writer swaps it for another and works through it.
/// Bounded, and nobody waits in it beyond the time-out.
/// </summary>
internal sealed class WaitingLine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly JournalOptions _options;
    private readonly Fence? _fence;
    private readonly ITimer _timer;
    private readonly ITimer _nudge;
    private List<Pending> _waiting = [];
    private List<Pending> _taken = [];
    private long _waitingBytes;
    private TaskCompletionSource? _idle;
    private bool _armed;
    private bool _closed;
    private bool _stuck;

    /// <param name="fence">Raised for what is not written; none where nobody else can write.</param>
    public WaitingLine(JournalOptions options, Fence? fence = null)
    {
        (_options, _fence) = (options, fence);
        _timer = options.Time.CreateTimer(_ => FailOverdue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _nudge = options.Time.CreateTimer(_ => WakeWriter(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the store has one write in its hands for longer than callers wait.</summary>
    public bool Stuck
    {
        get
        {
            lock (_gate)
            {
                return _stuck;
            }
        }
    }

    public Task<AppendResult> Add(Append append)
    {
        var pending = new Pending(append, _fence);
        AppendRules.CheckSize(pending.Bytes);
        TaskCompletionSource? idle;
        lock (_gate)
        {
            if (_closed || IsFullFor(pending))
            {
                pending.Refuse(_closed ? "The journal is closed." : "Too many appends wait for the store.");
                return pending.Task;
            }

            idle = Enqueue(pending);
        }

        idle?.TrySetResult();
        return pending.Task;
    }

    /// <summary>Completes when everything handed in so far has its outcome.</summary>
    public Task Barrier()
    {
        var mark = new Pending(null);
        lock (_gate)
        {
            if (_waiting.Count == 0 && _taken.Count == 0)
            {
                return Task.CompletedTask;
            }

            // The writer is at work or has been woken: nobody is idle.
            Enqueue(mark);
        }

        return mark.Task;
    }

    /// <summary>Waits for work and takes all of it; null once the line is closed and empty. For the writer.</summary>
    /// <param name="patience">How long it waits; then it takes nothing.</param>
    public async ValueTask<IReadOnlyList<Pending>?> Take(TimeSpan patience)
    {
        for (var nudged = false; ;)
        {
            Task idle;
            lock (_gate)
            {
                _taken.Clear();
                _stuck = false;
                if (_waiting.Count > 0)
                {
                    (_waiting, _taken) = (_taken, _waiting);
                    _waitingBytes = 0;
                    return _taken;
                }

                if (_closed)
                {
                    return null;
                }

                if (nudged)
                {
                    return [];
                }

                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                idle = _idle.Task;
            }

            if (patience != Timeout.InfiniteTimeSpan)
            {
                nudged = true;
                _nudge.Change(patience, Timeout.InfiniteTimeSpan);
            }

            await idle;
        }
    }

    /// <summary>Refuses everything from now on; what waits is still written.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }

        WakeWriter();
    }

    /// <summary>Tells everybody still here that the journal is gone.</summary>
    public void Dispose()
    {
        Close();
        List<Pending> left;
        lock (_gate)
        {
            left = [.. _taken, .. _waiting];
            _waiting.Clear();
        }

        foreach (var pending in left)
        {
            pending.Doubt("The journal was closed before the store answered.");
        }

        _timer.Dispose();
        _nudge.Dispose();
    }

    private void WakeWriter()
    {
        TaskCompletionSource? idle;
        lock (_gate)
        {
            (idle, _idle) = (_idle, null);
        }

        idle?.TrySetResult();
    }

    private bool IsFullFor(Pending pending) =>
        _waiting.Count >= _options.WaitingAppendsMax
        || (_waiting.Count > 0 && _waitingBytes + pending.Bytes > _options.WaitingBytesMax);

    private TaskCompletionSource? Enqueue(Pending pending)
    {
        pending.Since = _options.Time.GetTimestamp();
        _waiting.Add(pending);
        _waitingBytes += pending.Bytes;
        if (!_armed)
        {
            _armed = true;
            _timer.Change(_options.WriteTimeout, Timeout.InfiniteTimeSpan);
        }

        var idle = _idle;
        _idle = null;
        return idle;
    }

    /// <summary>One timer for all: it looks once per time-out at the longest, and rests while nobody waits.</summary>
    private void FailOverdue()
    {
        List<Pending> unknown = [];
        List<Pending> untouched = [];
        lock (_gate)
        {
            var now = _options.Time.GetTimestamp();
            unknown.AddRange(_taken.Where(each => !each.Task.IsCompleted && IsOverdue(each, now)));
            _stuck |= unknown.Count > 0;
            var overdue = _waiting.TakeWhile(each => IsOverdue(each, now)).Count();
            untouched.AddRange(_waiting.Take(overdue));
            _waiting.RemoveRange(0, overdue);
            _waitingBytes -= untouched.Sum(each => each.Bytes);

            // Before the writer can take what comes after them.
            untouched.ForEach(each => each.Bar());
            Rearm(now);
        }

        unknown.ForEach(each => each.Doubt("The store did not answer in time; the write may still land."));
        untouched.ForEach(each => each.Refuse("The store did not answer in time; the append was withdrawn."));
    }

    private void Rearm(long now)
    {
        var oldest = _taken.FirstOrDefault(each => !each.Task.IsCompleted && !IsOverdue(each, now)) ?? _waiting.FirstOrDefault();
        _armed = oldest is not null;
        if (oldest is not null)
        {
            // A whole millisecond later than needed: a timer that rounds down must not find its append a hair too young.
            var left = _options.WriteTimeout - _options.Time.GetElapsedTime(oldest.Since, now) + TimeSpan.FromMilliseconds(1);
            _timer.Change(left, Timeout.InfiniteTimeSpan);
        }
    }

    private bool IsOverdue(Pending pending, long now) =>
        _options.Time.GetElapsedTime(pending.Since, now) >= _options.WriteTimeout;
}
