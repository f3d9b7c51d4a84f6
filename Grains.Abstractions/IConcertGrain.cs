using OrleansConcert.Domain.Concerts;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>One concert, by its id: what it is, and its schedules.</summary>
[Alias("OrleansConcert.IConcertGrain")]
public interface IConcertGrain : IGrainWithStringKey
{
    [Alias("Make")]
    Task<Answer<ConcertView>> Make(ConcertDefinition definition, Repeat? repeat);

    /// <summary>Opens a schedule and lists it. Durable and open when answered.</summary>
    [Alias("AddSchedule")]
    Task<Answer<ScheduleView>> AddSchedule(NewSchedule schedule, Repeat? repeat);

    /// <summary>The concert, or a refusal where there is none. Availability may be up to a second old.</summary>
    [Alias("Get")]
    Task<Answer<ConcertView>> Get();

    /// <summary>The concert's schedules by start, or a refusal where there is no concert. May be up to a second old.</summary>
    [Alias("Schedules")]
    Task<Answer<ScheduleList>> Schedules();

    /// <summary>A schedule tells how many of its seats are left. Older news than known is ignored.</summary>
    [Alias("Report")]
    Task Report(string scheduleId, long version, int available, bool soldOut);

    /// <summary>Starts the grain where it has unfinished work.</summary>
    [Alias("Wake")]
    Task Wake();
}

/// <summary>A schedule to be opened; the rest of its definition comes from the concert.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.NewSchedule")]
public sealed record NewSchedule(
    [property: Id(0)] string ScheduleId,
    [property: Id(1)] Instant StartsAt,
    [property: Id(2)] Instant? SalesOpenAt,
    [property: Id(3)] Instant? SalesCloseAt,
    [property: Id(4)] ImmutableArray<Section> Sections);

/// <summary>The schedules of a concert, and the queue in front of them.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ScheduleList")]
public sealed record ScheduleList([property: Id(0)] string QueueId, [property: Id(1)] ImmutableArray<ScheduleView> Schedules);
