namespace OrleansConcert.Domain.Queues;

/// <summary>How long a wait may last, and how often it is worth asking.</summary>
public static class Waiting
{
    private static readonly TimeSpan PollNear = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PollFar = TimeSpan.FromSeconds(10);

    /// <summary>How often an ACTIVE token's owner may ask, in milliseconds.</summary>
    public const int PollActiveMs = 5_000;

    /// <summary>
    /// Milliseconds until this position is admitted, from the measured rate or, before there is one, from the policy; null while
    /// the queue is paused or where neither is known.
    /// </summary>
    public static long? EstimateMs(long position, double admittedPerMinute, QueuePolicy policy, QueueMode mode)
    {
        if (mode == QueueMode.Paused)
        {
            return null;
        }

        if (admittedPerMinute > 0)
        {
            return (long)Math.Ceiling(position / admittedPerMinute * 60_000);
        }

        return policy.AdmitCount is { } count
            ? (long)Math.Ceiling((double)position / count * policy.AdmitEvery.TotalMilliseconds)
            : null;
    }

    /// <summary>
    /// When to ask again, in milliseconds: 1,000 within the first hundred, rising with the position to 10,000, and spread by the
    /// ticket so that those who joined together don't ask together.
    /// </summary>
    public static int PollAfterMs(long position, long ticket)
    {
        var far = Math.Clamp(Math.Log10(Math.Max(position, 100) / 100.0) / 3, 0, 1);
        var milliseconds = PollNear.TotalMilliseconds + (far * (PollFar - PollNear).TotalMilliseconds);
        var spread = 0.9 + (ticket * 0.618_033_988_75 % 1 * 0.2);
        return (int)Math.Clamp(milliseconds * spread, PollNear.TotalMilliseconds, PollFar.TotalMilliseconds);
    }
}
