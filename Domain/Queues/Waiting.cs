namespace OrleansConcert.Domain.Queues;

/// <summary>How often it is worth asking where one stands.</summary>
public static class Waiting
{
    private const double PollNearMs = 1_000;
    private const double PollFarMs = 9_000;

    private const int NearThrough = 100;
    private const int Decades = 3;
    private const int FarFrom = 100_000;

    /// <summary>By how much a poll may be later than the position says.</summary>
    private const double Spread = 0.1;

    /// <summary>How often an ACTIVE token's owner may ask, in milliseconds.</summary>
    public const int PollActiveMs = 5_000;

    /// <summary>
    /// When to ask again, in milliseconds: 1,000 within the first hundred, rising with the position to 10,000, and spread by
    /// ticket and instant so that those who ask together don't do so again.
    /// </summary>
    public static int PollAfterMs(long position, long ticket, Instant now)
    {
        var far = position <= NearThrough ? 0 : position >= FarFrom ? 1 : Math.Log10((double)position / NearThrough) / Decades;
        return (int)((PollNearMs + (far * (PollFarMs - PollNearMs))) * (1 + (Spread * Scatter(ticket, now))));
    }

    /// <summary>From 0 to below 1, as if by chance; the same for the same.</summary>
    private static double Scatter(long ticket, Instant now)
    {
        var mixed = ((ulong)ticket * 0x9E37_79B9_7F4A_7C15) ^ ((ulong)now.Milliseconds * 0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 31)) * 0x94D0_49BB_1331_11EB;
        return (double)((mixed ^ (mixed >> 29)) >> 11) / (1UL << 53);
    }
}
