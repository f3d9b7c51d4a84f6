using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Api.Streams;

namespace OrleansConcert.Api.Resources;

/// <summary>Seat maps, and taking seats: by schedule, or by the date of a concert.</summary>
internal sealed class Seats(Houses houses, SeatMaps maps, Feeds feeds, Concerts concerts, IGrainFactory grains) : IResource
{
    private const string BySchedule = "/v1/schedules/{scheduleId}";
    private const string ByDate = "/v1/concerts/{concertId}";

    public void Map(Routes routes)
    {
        routes.Get(BySchedule + "/seats", Gate.Browse, SeatMapWanted.Read, Show);
        routes.Stream(BySchedule + "/seats/events", Gate.Browse, query => query.Version("since"), Follow);
        routes.Get(ByDate + "/seats", Gate.Browse, SeatMapWanted.ReadDated, Show);
        routes.Post(BySchedule + "/holds", Gate.Active, HoldWanted.Read, Hold);
        routes.Post(ByDate + "/holds", Gate.Active, HoldWanted.ReadDated, Hold);
    }

    private async Task<Reply> Show(Call call, SeatMapWanted wanted)
    {
        var (house, no) = await HouseOf(call, wanted.Date);
        if (no is not null)
        {
            return no;
        }

        var map = await maps.Newest(house!);
        var part = wanted.Since is { } since ? map.Since(since) : map.Whole(wanted.OnlyAvailable);
        return part.Reply(call.IfNoneMatch, call.AcceptEncoding);
    }

    private async Task<Reply> Follow(Call call, long? since)
    {
        var (house, no) = await HouseOf(call, null);
        return no is null ? Reply.Of(feeds.Seats(house!).Of(call.Caller, call.LastEventId ?? since ?? -1)) : no;
    }

    private async Task<Reply> Hold(Call call, HoldWanted wanted)
    {
        var (house, no) = await HouseOf(call, wanted.Date);
        if (no is not null)
        {
            return no;
        }

        var request = new HoldRequest(
            call.UserId, call.Caller.Token!.Ticket, wanted.Seats, wanted.BestCount, wanted.BestSection);
        var answer = await grains.Schedule(house!.Definition.ScheduleId).Hold(request, call.Repeat);
        return Reply.Of(answer, call.Repeat, wanted.Date is { } date ? refused => refused.OfDate(date) : null);
    }

    /// <summary>The house that the path, or the path and a date, speak of; or why the caller may not see it.</summary>
    private async Task<(House? House, Problem? No)> HouseOf(Call call, string? date)
    {
        var (scheduleId, no) = date is null ? (call.Named("scheduleId"), null) : await ScheduleOn(call, date);
        if (no is not null)
        {
            return (null, no);
        }

        var (house, refused) = await houses.Find(scheduleId);
        return house is null ? (null, refused!.ToProblem()) : (house, call.WrongQueue(house.Definition.QueueId));
    }

    /// <summary>The one schedule of the concert that is on sale for that date, sold out or not.</summary>
    private async Task<(string ScheduleId, Problem? No)> ScheduleOn(Call call, string date)
    {
        var (schedules, no) = await concerts.SchedulesOf(call);
        var onSale = schedules.Where(schedule => schedule.Date == date && concerts.IsOnSale(schedule)).ToList();
        return (no, onSale) switch
        {
            ({ } problem, _) => ("", problem),
            (_, []) => ("", new(ProblemCode.DateNotBookable, $"No schedule on {date} is on sale now.")),
            (_, [var one]) => (one.ScheduleId, null),
            _ => ("", new Problem(ProblemCode.AmbiguousDate, $"Several schedules are on {date}; name one of them.")
                .With("schedules", onSale.Select(schedule => schedule.ScheduleId))),
        };
    }
}

/// <summary>Which part of which map is wanted.</summary>
/// <param name="Since">The version that the client knows, where only what changed after it is wanted.</param>
/// <param name="Date">The day, where the path names a concert.</param>
internal sealed record SeatMapWanted(bool OnlyAvailable, long? Since, string? Date)
{
    private const string Available = "AVAILABLE";

    public static SeatMapWanted Read(Query query)
    {
        var only = query.Is("status", Available);
        var since = query.Version("since");
        if (since is not null && only)
        {
            query.Exclude("since", "left out where status is given");
        }

        return new(only, since, null);
    }

    public static SeatMapWanted ReadDated(Query query) => new(query.Is("status", Available), null, query.Day("date"));
}

/// <summary>Which seats are wanted: by name, or so many of the best ones.</summary>
internal sealed record HoldWanted(ImmutableArray<string> Seats, int BestCount, string? BestSection, string? Date)
{
    private const string OneOfBoth = "given, or else bestAvailable, not both";

    public static HoldWanted Read(Fields fields) => Wanted(fields.Only("seats", "bestAvailable"), null);

    public static HoldWanted ReadDated(Fields fields)
    {
        fields.Only("date", "seats", "bestAvailable");
        return Wanted(fields, fields.Day("date"));
    }

    /// <summary>A list of seats: at least one, each once.</summary>
    public static ImmutableArray<string> SeatsIn(Fields fields)
    {
        var seats = fields.Texts("seats") ?? [];
        if (seats.IsEmpty || seats.Distinct(StringComparer.Ordinal).Count() < seats.Length)
        {
            fields.Fault("seats", "at least one seat, each named once");
        }

        return seats;
    }

    private static HoldWanted Wanted(Fields fields, string? date)
    {
        var best = fields.Inner("bestAvailable");
        if ((best is null) == (fields.Texts("seats") is null))
        {
            fields.Fault("seats", OneOfBoth);
            return new([], 0, null, date);
        }

        if (best is null)
        {
            return new(SeatsIn(fields), 0, null, date);
        }

        var count = best.Only("count", "section").Count("count");
        if (count is null or < 1)
        {
            best.Fault("count", "1 or more");
        }

        return new([], count ?? 0, best.Text("section"), date);
    }
}
