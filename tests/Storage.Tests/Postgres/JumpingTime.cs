namespace OrleansConcert.Storage.Tests.Postgres;

/// <summary>The system's time, but that some of it passes at once, as for a process that was frozen.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private long _jumped;

    public override long GetTimestamp() => base.GetTimestamp() + Volatile.Read(ref _jumped);

    public void Jump(TimeSpan span) => Interlocked.Add(ref _jumped, (long)(span.TotalSeconds * TimestampFrequency));
}
