namespace Orleans.InProcess;

/// <summary>
/// Looks, while there are any, at the activations whose calls take longer than a turn, and has them tell the callers that
/// have waited long enough. A call that ends within its turn never costs a timer or an entry here.
/// </summary>
internal sealed class CallWatch : IDisposable
{
    /// <summary>How often it looks, so how late a time-out may come.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<Activation> _busy = [];
    private readonly Engine _engine;
    private readonly ITimer _timer;

    internal CallWatch(Engine engine, TimeProvider time)
    {
        _engine = engine;
        using (Flow.Suppress())
        {
            _timer = time.CreateTimer(static watch => ((CallWatch)watch!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    internal void Add(Activation activation)
    {
        lock (_lock)
        {
            _busy.Add(activation);
            if (_busy.Count == 1)
            {
                _timer.Change(Interval, Interval);
            }
        }
    }

    internal void Remove(Activation activation)
    {
        lock (_lock)
        {
            _busy.Remove(activation);
            if (_busy.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        Activation[] busy;
        lock (_lock)
        {
            busy = [.. _busy];
        }

        var now = _engine.MessagingClock.Now;
        foreach (var activation in busy)
        {
            activation.Post(new StepTurn("expire", grain => grain.ExpireCalls(now)));
        }
    }
}
