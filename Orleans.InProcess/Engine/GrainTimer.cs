using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>A grain's timer. Its tick is a call, always the same one: the next is not set before the last has ended.</summary>
internal sealed class GrainTimer : Call, IGrainTimer
{
    private const long LongestMilliseconds = 0xfffffffe;

    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private readonly bool _interleaves;
    private readonly bool _keepsAlive;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _changed;
    private int _ticking;
    private bool _isDisposed;

    internal GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _interleaves = options.Interleave;
        _keepsAlive = options.KeepAlive;
        Home = activation;
        Check(options.DueTime, options.Period);
        using (Flow.Suppress())
        {
            _timer = activation.Engine.GrainTime.CreateTimer(
                static timer => ((GrainTimer)timer!).Due(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public override Label Label => new(_activation.GrainId, "tick");

    internal override bool IsAlwaysInterleave => _interleaves;

    internal override bool IsReadOnly => false;

    internal override bool KeepsAlive => _keepsAlive;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, period);
        _changed = true;
        _dueTime = dueTime;
        _period = period;
        if (Volatile.Read(ref _ticking) == 0 && !_isDisposed)
        {
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        TrySettle();
        _timer.Dispose();
        _activation.Forget(this);
        try
        {
            _stop.Cancel();
        }
        catch (AggregateException failure)
        {
            _activation.Engine.Log.LogWarning(failure, "A cancellation callback of a timer of {Grain} failed", _activation.GrainId);
        }
    }

    internal override void Invoke(Activation activation)
    {
        _changed = false;
        Task tick;
        try
        {
            tick = _callback(_stop.Token);
        }
        catch (Exception failure)
        {
            tick = Task.FromException(failure);
        }

        if (tick is null or { IsCompletedSuccessfully: true })
        {
            Ticked();
        }
        else
        {
            _ = Finish(tick);
        }
    }

    // Nobody waits for a tick.
    internal override void Fail(Exception failure)
    {
    }

    internal override void Expire()
    {
    }

    private static void Check(TimeSpan dueTime, TimeSpan period)
    {
        foreach (var (time, name) in new[] { (dueTime, nameof(dueTime)), (period, nameof(period)) })
        {
            ArgumentOutOfRangeException.ThrowIfLessThan((long)time.TotalMilliseconds, -1, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan((long)time.TotalMilliseconds, LongestMilliseconds, name);
        }
    }

    private void Due()
    {
        if (Interlocked.Exchange(ref _ticking, 1) == 0)
        {
            _activation.Post(this);
        }
    }

    private async Task Finish(Task tick)
    {
        try
        {
            await tick;
        }
        catch (Exception failure)
        {
            _activation.CallFailed(failure);
            _activation.Engine.Log.LogWarning(failure, "A timer of {Grain} failed; it goes on", _activation.GrainId);
        }

        Ticked();
    }

    private void Ticked()
    {
        // Off the list of running calls first: a timer set to zero may be due again at once.
        _activation.Completed(this);
        Volatile.Write(ref _ticking, 0);
        if (!_isDisposed)
        {
            _timer.Change(_changed ? _dueTime : _period, Timeout.InfiniteTimeSpan);
        }
    }
}
