namespace OrleansConcert.Domain.Queues;

/// <summary>A board as a value, but for what it knows of each WAITING ticket: that follows in <see cref="PlacesBlock"/>s.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.WholeBoard")]
public sealed record WholeBoard(
    [property: Id(0)] long Version,
    [property: Id(1)] QueuePolicy? Policy,
    [property: Id(2)] QueueMode Mode,
    [property: Id(3)] AdmissionWindow Window,
    [property: Id(4)] AdmissionPace Pace,
    [property: Id(5)] ImmutableArray<TicketBlock> Waiting,
    [property: Id(6)] ImmutableArray<ActiveTicket> Active);

/// <summary>What a board has to know of some tickets in a row.</summary>
/// <param name="Number">Which of all blocks it is.</param>
/// <param name="IssuedAt">In milliseconds since the epoch.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.PlacesBlock")]
public sealed record PlacesBlock(
    [property: Id(0)] long Number, [property: Id(1)] ImmutableArray<uint> Nonces, [property: Id(2)] ImmutableArray<long> IssuedAt);

/// <summary>What a board has to know of an ACTIVE ticket.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ActiveTicket")]
public sealed record ActiveTicket(
    [property: Id(0)] long Ticket,
    [property: Id(1)] uint Nonce,
    [property: Id(2)] Instant IssuedAt,
    [property: Id(3)] Instant ActivatedAt,
    [property: Id(4)] Instant ExpiresAt);
