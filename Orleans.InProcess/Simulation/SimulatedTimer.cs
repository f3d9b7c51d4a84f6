namespace Orleans.InProcess.Simulation;

/// <summary>A timer of a simulated process.</summary>
internal sealed class SimulatedTimer(Timeline timeline, SimulatedProcess process, TimerCallback callback, object? state) : ITimer
{
    private readonly ExecutionContext? _flow = ExecutionContext.Capture();
    private Due? _next;
    private TimeSpan _period;

    internal SimulatedProcess Process => process;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        _period = period;
        Set(dueTime);
        return true;
    }

    public void Dispose() => _next = null;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Set(TimeSpan wait)
    {
        _next = null;
        if (wait >= TimeSpan.Zero)
        {
            _next = new Due(this);
            timeline.Add(_next, wait);
        }
    }

    private void Fire()
    {
        Set(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);
        if (_flow is null)
        {
            callback(state);
        }
        else
        {
            ExecutionContext.Run(_flow, _ => callback(state), null);
        }
    }

    /// <summary>One instant at which the timer is due, unless it was changed since.</summary>
    internal sealed class Due(SimulatedTimer timer)
    {
        internal SimulatedTimer Timer => timer;

        internal bool IsWanted => timer._next == this && timer.Process.IsAlive;

        internal void Fire()
        {
            if (IsWanted)
            {
                timer.Fire();
            }
        }
    }
}
