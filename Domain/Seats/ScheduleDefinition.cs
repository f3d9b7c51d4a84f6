namespace OrleansConcert.Domain.Seats;

/// <summary>One show of a concert: when, where it is sold, and its seats. It never changes once opened.</summary>
/// <param name="Date">The day of the show in the concert's time zone.</param>
/// <param name="QueueId">The queue whose ACTIVE tokens may buy.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ScheduleDefinition")]
public sealed record ScheduleDefinition(
    [property: Id(0)] string ScheduleId,
    [property: Id(1)] string ConcertId,
    [property: Id(2)] string QueueId,
    [property: Id(3)] string Date,
    [property: Id(4)] Instant StartsAt,
    [property: Id(5)] Instant SalesOpenAt,
    [property: Id(6)] Instant SalesCloseAt,
    [property: Id(7)] ImmutableArray<Section> Sections,
    [property: Id(8)] SalePolicy Policy)
{
    /// <summary>Whether seats may be taken at that instant. What is held already may still be paid afterwards.</summary>
    public bool IsOnSaleAt(Instant now) => SalesOpenAt <= now && now < SalesCloseAt;

    /// <summary>Whether both say the same; record equality would compare the sections by reference.</summary>
    public bool IsSameAs(ScheduleDefinition other) =>
        this with { Sections = default } == other with { Sections = default } && Sections.SequenceEqual(other.Sections);
}
