namespace OrleansConcert.Grains.Tests;

/// <summary>Short words for what the tests hand in.</summary>
internal static class Given
{
    public static readonly string Fingerprint = new('a', 64);

    public static Repeat Repeat(string caller, string key) => new(caller, key, Fingerprint);

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    public static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    public static ScheduleDefinition Show(
        World world, string id = "friday", SalePolicy? policy = null, params Section[] sections) => new(
        id, "tour", WireNames.MainQueue, "2026-05-02", world.Now + TimeSpan.FromDays(2), world.Now, world.Now + TimeSpan.FromDays(1),
        sections.Length == 0 ? [new("A", 3, 10, 1_000)] : [.. sections], policy ?? Preset.Standard.Sale);

    public static HoldRequest Seats(Buyer buyer, params string[] seats) => new(buyer.UserId, buyer.Ticket, [.. seats], 0, null);

    public static HoldRequest Best(Buyer buyer, int count, string? section = null) =>
        new(buyer.UserId, buyer.Ticket, [], count, section);

    public static ReadOnlyMemory<byte> Text(string text) => Encoding.UTF8.GetBytes(text);

    public static SeatRefusal Reason<T>(this Answer<T> answer)
        where T : class => Assert.IsType<SeatRefused>(answer.Refused).Reason;
}
