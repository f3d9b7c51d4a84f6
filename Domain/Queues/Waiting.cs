namespace OrleansConcert.Domain.Queues;

/// <summary>How often it is worth asking where one stands.</summary>
public static class Waiting
{
    private const double PollNearMs = 1_000;
    private const double PollFarMs = 9_000;

    /// <summary>By how much a poll may be later than the position says.</summary>
    private const double Spread = 0.1;

    /// <summary>How often an ACTIVE token's owner may ask, in milliseconds.</summary>
    public const int PollActiveMs = 5_000;

    /// <summary>
    /// When to ask again, in milliseconds: 1,000 within the first hundred, rising with the position to 10,000, and spread by the
    /// ticket so that those who joined together don't ask together for long.
    /// </summary>
    public static int PollAfterMs(long position, long ticket)
    {
        var far = Math.Clamp(Math.Log10(Math.Max(position, 100) / 100.0) / 3, 0, 1);
        var spread = 1 + (ticket * 0.618_033_988_75 % 1 * Spread);
        return (int)((PollNearMs + (far * (PollFarMs - PollNearMs))) * spread);
    }
}
