namespace OrleansConcert.Simulation;

/// <summary>The server's time for the hosts in front of it: their timers are not the server's, and outlive it.</summary>
internal sealed class HostTime(TimeProvider world, Clock clock) : TimeProvider
{
    public override long TimestampFrequency => world.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override long GetTimestamp() => world.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        world.CreateTimer(callback, state, dueTime, period);
}
