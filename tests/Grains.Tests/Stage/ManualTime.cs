namespace OrleansConcert.Grains.Tests;

/// <summary>Time that stands still until it is told to go on; the wall, the counter and the timers agree.</summary>
internal sealed class ManualTime : TimeProvider
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private TimeSpan _passed;
    private TimeSpan _step;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Whether somebody waits for some of it to pass.</summary>
    public bool IsAwaited
    {
        get
        {
            lock (_gate)
            {
                return _timers.Exists(timer => timer.Due < TimeSpan.MaxValue);
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return Noon + _passed + _step;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _passed.Ticks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Time passes and every timer fires when it is due.</summary>
    public void Advance(TimeSpan span)
    {
        TimeSpan end;
        lock (_gate)
        {
            end = _passed + span;
        }

        while (NextDueBy(end) is { } timer)
        {
            timer.Fire();
        }

        lock (_gate)
        {
            _passed = end;
        }
    }

    /// <summary>Time passes and no timer fires: what is overdue fires with the next <see cref="Advance"/>.</summary>
    public void Pass(TimeSpan span)
    {
        lock (_gate)
        {
            _passed += span;
        }
    }

    /// <summary>Somebody sets the wall clock; the counter goes on as if nothing had happened.</summary>
    public void StepWall(TimeSpan step)
    {
        lock (_gate)
        {
            _step += step;
        }
    }

    private Timer? NextDueBy(TimeSpan end)
    {
        lock (_gate)
        {
            if (_timers.MinBy(timer => timer.Due) is not { } first || first.Due > end)
            {
                return null;
            }

            _passed = first.Due > _passed ? first.Due : _passed;
            first.Due = first.Period > TimeSpan.Zero ? _passed + first.Period : TimeSpan.MaxValue;
            return first;
        }
    }

    private sealed class Timer(ManualTime time, Action fire) : ITimer
    {
        public TimeSpan Due { get; set; } = TimeSpan.MaxValue;

        public TimeSpan Period { get; private set; }

        public Action Fire { get; } = fire;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                Due = dueTime < TimeSpan.Zero ? TimeSpan.MaxValue : time._passed + dueTime;
                Period = period;
                if (!time._timers.Contains(this))
                {
                    time._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
