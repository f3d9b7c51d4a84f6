namespace OrleansConcert.Domain.Queues;

/// <summary>How many were admitted in the last minute, second by second.</summary>
public sealed class AdmissionRate
{
    private const int Seconds = 60;
    private readonly int[] _counts = new int[Seconds];
    private long _lastSecond;

    public void Record(Instant at, int count)
    {
        Advance(at);
        _counts[at.Milliseconds / 1_000 % Seconds] += count;
    }

    /// <summary>Admissions in the sixty seconds up to now.</summary>
    public int PerMinute(Instant now)
    {
        Advance(now);
        return _counts.Sum();
    }

    private void Advance(Instant now)
    {
        var second = now.Milliseconds / 1_000;
        for (var passed = Math.Max(_lastSecond + 1, second - Seconds + 1); passed <= second; passed++)
        {
            _counts[passed % Seconds] = 0;
        }

        _lastSecond = Math.Max(_lastSecond, second);
    }
}
