using System.Text.Json;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests;

/// <summary>Ordinary values, from which a test departs only where it matters.</summary>
internal static class Some
{
    /// <summary>An instant like any other, not on a second's boundary.</summary>
    public static readonly Instant Noon = new(1_795_262_400_123);

    public static readonly QueuePolicy QueuePolicy = Preset.Standard.Queue;

    public static readonly SalePolicy SalePolicy = Preset.Standard.Sale;

    public static TimeSpan Ms(long milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static ScheduleDefinition Schedule(SalePolicy? policy = null, params ImmutableArray<Section> sections) => new(
        "friday", "concert", "main", "2026-11-27",
        Noon + TimeSpan.FromDays(30), Noon, Noon + TimeSpan.FromDays(29),
        sections.IsEmpty ? [new("A", 3, 4, 50_000), new("B_2", 2, 5, 30_000)] : sections,
        policy ?? SalePolicy);

    public static string Json<T>(T value) => JsonSerializer.Serialize(value);
}
