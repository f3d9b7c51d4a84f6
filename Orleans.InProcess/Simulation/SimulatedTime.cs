namespace Orleans.InProcess.Simulation;

/// <summary>The clock of a simulated process.</summary>
internal sealed class SimulatedTime(Timeline timeline, SimulatedProcess process) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => timeline.Now;

    public override long GetTimestamp() => timeline.Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(timeline, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
