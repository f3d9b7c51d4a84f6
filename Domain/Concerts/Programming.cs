using System.Globalization;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Concerts;

/// <summary>Why a concert says no, in order of precedence.</summary>
public enum ConcertRefusal
{
    ConcertNotFound,

    /// <summary>A concert or schedule of that id exists already.</summary>
    AlreadyExists,

    /// <summary>The concert has as many schedules as one may have (<c>limit</c>).</summary>
    LimitExceeded,
}

/// <summary>A concert's no, with its reason.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ConcertRefused")]
public sealed record ConcertRefused([property: Id(0)] ConcertRefusal Reason) : Refused;

/// <summary>The rules of making concerts and their schedules.</summary>
public static class Programming
{
    public static Decision<ConcertEvent> Make(ConcertState concert, ConcertDefinition definition, Instant now) =>
        concert.Definition is null
            ? Decision<ConcertEvent>.Yes(new ConcertMade(now, definition))
            : No(ConcertRefusal.AlreadyExists, 1);

    /// <summary>Whether there is such a concert.</summary>
    public static Decision<ConcertEvent> Exists(ConcertState concert) =>
        concert.Definition is null ? No(ConcertRefusal.ConcertNotFound, 0) : Decision<ConcertEvent>.Already(1);

    /// <summary>The day of an instant in a time zone, as <c>2026-12-24</c>.</summary>
    public static string DayOf(Instant instant, string timeZone) =>
        TimeZoneInfo.ConvertTime(instant.ToDateTimeOffset(), TimeZoneInfo.FindSystemTimeZoneById(timeZone))
            .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>
    /// Announces a schedule of this concert. <paramref name="definition"/> is null where there is no concert;
    /// <paramref name="shownUpTo"/> is the newest version of the stream.
    /// </summary>
    public static Decision<ConcertEvent> Announce(
        ConcertState concert, ScheduleDefinition? definition, Repeat? repeat, long shownUpTo, Instant now)
    {
        if (concert.Definition is null || definition is null)
        {
            return No(ConcertRefusal.ConcertNotFound, 0);
        }

        if (concert.Find(definition.ScheduleId) is not null
            || concert.Announced.Any(announced => announced.Definition.ScheduleId == definition.ScheduleId))
        {
            return No(ConcertRefusal.AlreadyExists, shownUpTo);
        }

        return concert.ScheduleCount + concert.Announced.Count >= ConcertDefinition.MaxSchedules
            ? Decision<ConcertEvent>.No(
                new ConcertRefused(ConcertRefusal.LimitExceeded) { With = new() { Limit = ConcertDefinition.MaxSchedules } },
                shownUpTo)
            : Decision<ConcertEvent>.Yes(new ScheduleAnnounced(now, definition, repeat));
    }

    private static Decision<ConcertEvent> No(ConcertRefusal reason, long shows) =>
        Decision<ConcertEvent>.No(new ConcertRefused(reason), shows);
}
