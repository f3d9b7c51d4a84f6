namespace OrleansConcert.Grains;

/// <summary>
/// The one clock of a process: wall time at its start, carried on by the monotonic counter, so that a step of the wall clock moves
/// no deadline. It never starts before the last instant in the journal.
/// </summary>
public sealed class Clock
{
    private readonly TimeProvider _time;
    private readonly long _startedAt;
    private readonly Instant _start;

    /// <param name="notBefore">The last instant in the journal.</param>
    public Clock(TimeProvider time, DateTimeOffset notBefore)
    {
        _time = time;
        _startedAt = time.GetTimestamp();
        var wall = time.GetUtcNow();
        _start = Instant.From(wall > notBefore ? wall : notBefore);
        BehindBy = wall < notBefore ? notBefore - wall : TimeSpan.Zero;
    }

    /// <summary>How far the wall clock was behind the journal at the start: zero unless somebody set it back.</summary>
    public TimeSpan BehindBy { get; }

    public Instant Now => _start + _time.GetElapsedTime(_startedAt);
}
