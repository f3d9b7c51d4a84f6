namespace OrleansConcert.Grains;

/// <summary>
/// The one clock of a process: wall time at its start, carried on by the monotonic counter, so that a step of the wall clock moves
/// no deadline. It never starts before the last instant in the journal, nor stays behind one that it meets there later, which another
/// silo wrote: no stream goes back in time when its grain moves. It is also the time of everything else that is given one: an instant
/// that the journal has from elsewhere would be the next start's.
/// </summary>
public sealed class Clock : TimeProvider
{
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private long _start;

    /// <param name="notBefore">The last instant in the journal.</param>
    public Clock(TimeProvider time, DateTimeOffset notBefore)
    {
        _time = time;
        _startedAt = time.GetTimestamp();
        var wall = time.GetUtcNow();
        _start = Instant.From(wall > notBefore ? wall : notBefore).Milliseconds;
        BehindBy = wall < notBefore ? notBefore - wall : TimeSpan.Zero;
    }

    /// <summary>How far the wall clock was behind the journal at the start: zero unless somebody set it back.</summary>
    public TimeSpan BehindBy { get; }

    public Instant Now => Instant.From(GetUtcNow());

    /// <summary>What it counts by.</summary>
    public TimeProvider Counter => _time;

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() =>
        DateTimeOffset.FromUnixTimeMilliseconds(Volatile.Read(ref _start)) + _time.GetElapsedTime(_startedAt);

    /// <summary>Goes on from that instant where it is later.</summary>
    /// <returns>By how much the clock was behind it; zero where it was not.</returns>
    public TimeSpan Reach(DateTimeOffset instant)
    {
        while (true)
        {
            var start = Volatile.Read(ref _start);
            var behind = instant - GetUtcNow();
            if (behind <= TimeSpan.Zero)
            {
                return TimeSpan.Zero;
            }

            var reached = start + (long)Math.Ceiling(behind.TotalMilliseconds);
            if (Interlocked.CompareExchange(ref _start, reached, start) == start)
            {
                return behind;
            }
        }
    }

    public override long GetTimestamp() => _time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _time.CreateTimer(callback, state, dueTime, period);
}
