using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>A version of the seat map: a <see cref="SeatStatus"/> a seat, in the order of the <see cref="SeatPlan"/>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.SeatStatuses")]
public sealed record SeatStatuses(
    [property: Id(0)] long Version, [property: Id(1)] Instant AsOf, [property: Id(2)] ImmutableArray<byte> Statuses);
