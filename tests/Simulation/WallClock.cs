namespace OrleansConcert.Simulation;

/// <summary>The wall clock of the machine, which somebody may set; counters and timers don't feel it.</summary>
internal sealed class WallClock
{
    private TimeSpan _offset;

    /// <summary>Sets it forward, or back.</summary>
    public void Step(TimeSpan by) => _offset += by;

    /// <summary>A process's time under this wall clock.</summary>
    public TimeProvider Of(TimeProvider time) => new Stepped(this, time);

    private sealed class Stepped(WallClock wall, TimeProvider time) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow() + wall._offset;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.CreateTimer(callback, state, dueTime, period);
    }
}
