using System.Text.Json.Serialization;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Concerts;

/// <summary>What is sold: its name, the queue in front of it, and the policy of its sales. It never changes once made.</summary>
/// <param name="TimeZone">The IANA name of the zone in which the days of its shows are counted.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ConcertDefinition")]
public sealed record ConcertDefinition(
    [property: Id(0)] string ConcertId,
    [property: Id(1)] string Title,
    [property: Id(2)] string QueueId,
    [property: Id(3)] string TimeZone,
    [property: Id(4)] SalePolicy Policy)
{
    public const string DefaultTimeZone = "Asia/Seoul";

    public const int MaxTitleLength = 200;

    /// <summary>How many shows one concert may have.</summary>
    public const int MaxSchedules = 1_000;
}

/// <summary>
/// What happened to a concert. These texts are stored for ever: names and members are only ever added, and old ones stay
/// readable (pinned by tests).
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "what")]
[JsonDerivedType(typeof(ConcertMade), "ConcertMade")]
[JsonDerivedType(typeof(ScheduleAnnounced), "ScheduleAnnounced")]
[JsonDerivedType(typeof(ScheduleListed), "ScheduleListed")]
[JsonDerivedType(typeof(ScheduleWithdrawn), "ScheduleWithdrawn")]
public abstract record ConcertEvent(Instant At);

/// <summary>The concert is there, without schedules yet.</summary>
public sealed record ConcertMade(Instant At, ConcertDefinition Definition) : ConcertEvent(At);

/// <summary>The schedule is about to be opened; until it is listed or withdrawn this is driven on, whatever stops.</summary>
public sealed record ScheduleAnnounced(Instant At, ScheduleDefinition Definition, Repeat? Repeat) : ConcertEvent(At);

/// <summary>The schedule is open, and part of the concert.</summary>
public sealed record ScheduleListed(Instant At, string ScheduleId) : ConcertEvent(At);

/// <summary>The schedule could not be opened: its id belongs to another one.</summary>
public sealed record ScheduleWithdrawn(Instant At, string ScheduleId) : ConcertEvent(At);
