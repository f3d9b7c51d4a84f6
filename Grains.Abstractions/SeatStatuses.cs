using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>A version of the seat map: whole, or as what changed since an earlier one.</summary>
/// <param name="Statuses">A <see cref="SeatStatus"/> a seat, in the order of the <see cref="SeatPlan"/>; empty where changes tell.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.SeatStatuses")]
public sealed record SeatStatuses(
    [property: Id(0)] long Version, [property: Id(1)] Instant AsOf, [property: Id(2)] ImmutableArray<byte> Statuses)
{
    /// <summary>Every seat that changed since the version asked about, each once, the earliest first; empty where all are told.</summary>
    [Id(3)]
    public ImmutableArray<SeatChange> Changes { get; init; } = [];

    /// <summary>Whether it says of every seat what it is.</summary>
    public bool IsWhole => Changes.IsEmpty;
}

/// <summary>What a seat has become.</summary>
/// <param name="Seat">Its number in the <see cref="SeatPlan"/>.</param>
/// <param name="Version">The version of its last change.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.SeatChange")]
public readonly record struct SeatChange(
    [property: Id(0)] int Seat, [property: Id(1)] SeatStatus Status, [property: Id(2)] long Version);
