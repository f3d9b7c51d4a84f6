namespace OrleansConcert.Domain.Queues;

/// <summary>What a host asks a queue for when it pulls its board, and what it hands over at that.</summary>
/// <param name="Version">The version of the board it has; 0 where it has none.</param>
/// <param name="PlacesFrom">The number of the first block of places it wants; null for none.</param>
/// <param name="HandOver">Null where this is the further part of a pull.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.BoardAsk")]
public sealed record BoardAsk(
    [property: Id(0)] long Version, [property: Id(1)] long? PlacesFrom, [property: Id(2)] HandOver? HandOver);

/// <summary>Whom a host has answered from its board since it was last pulled.</summary>
/// <param name="Host">Names the host for as long as its process lasts.</param>
/// <param name="Number">Rises with every pull of that host.</param>
/// <param name="SeenAt">When the last of them was answered, by the queue's clock; never too early.</param>
/// <param name="Through">
/// When the board it answers from was made, by the queue's clock. Who idles by then is answered by the queue alone, so of them this
/// tells all; <see cref="Instant.Never"/> where it answers from none.
/// </param>
/// <param name="IsLast">Whether the host answers nobody from what it gets now.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.HandOver")]
public sealed record HandOver(
    [property: Id(0)] string Host,
    [property: Id(1)] long Number,
    [property: Id(2)] Instant SeenAt,
    [property: Id(3)] Instant Through,
    [property: Id(4)] ImmutableArray<TicketBlock> Seen,
    [property: Id(5)] bool IsLast);

/// <summary>What a queue answers to <see cref="BoardAsk"/>: events, or a whole board, or places in line.</summary>
/// <param name="At">When it was asked, by the queue's clock.</param>
/// <param name="Events">The durable events after the version asked for, the oldest ones where there are very many.</param>
/// <param name="Whole">Where the version asked for is too old, or none.</param>
/// <param name="Places">The blocks that were asked for; empty where there are no more.</param>
/// <param name="Doubtful">
/// The tickets that idle by now unless a host has answered them: no host answers them any more. Of the first part of a pull only.
/// </param>
/// <param name="IsMore">Whether more has to be asked for.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.BoardNews")]
public sealed record BoardNews(
    [property: Id(0)] Instant At,
    [property: Id(1)] ImmutableArray<QueueEvent> Events,
    [property: Id(2)] WholeBoard? Whole,
    [property: Id(3)] ImmutableArray<PlacesBlock> Places,
    [property: Id(4)] ImmutableArray<TicketBlock> Doubtful,
    [property: Id(5)] bool IsMore);
