using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Concerts;

namespace OrleansConcert.Api.Resources;

/// <summary>What is sold: concerts, their schedules and dates.</summary>
internal sealed class Concerts(IGrainFactory grains, TimeProvider time) : IResource
{
    public void Map(Routes routes)
    {
        routes.Get("/v1/concerts", Gate.Open, query => (query.Limit(), query.After()), List);
        routes.Get("/v1/concerts/{concertId}", Gate.Open, Get);
        routes.Get("/v1/concerts/{concertId}/schedules", Gate.Browse, query => query.Flag("bookable"), Schedules);
        routes.Get("/v1/concerts/{concertId}/dates", Gate.Browse, Dates);
    }

    /// <summary>The schedules of a concert behind the caller's queue, or why they are not shown.</summary>
    public async Task<(ImmutableArray<ScheduleView> Schedules, Problem? No)> SchedulesOf(Call call)
    {
        var id = call.Named("concertId");
        var answer = Names.IsId(id)
            ? await grains.Concert(id).Schedules()
            : new ConcertRefused(ConcertRefusal.ConcertNotFound);
        return answer.Value is { } list
            ? (list.Schedules, call.WrongQueue(list.QueueId))
            : ([], answer.Refused!.ToProblem());
    }

    /// <summary>Whether the schedule can be bought from now.</summary>
    public bool IsOnSale(ScheduleView schedule)
    {
        var now = Instant.From(time.GetUtcNow());
        return schedule.SalesOpenAt <= now && now < schedule.SalesCloseAt;
    }

    private async Task<Reply> List(Call call, (int Limit, string? After) page)
    {
        var ids = await grains.Catalog().Concerts(page.After, page.Limit + 1);
        var shown = ids.Length > page.Limit ? ids[..page.Limit] : ids;
        var concerts = await Task.WhenAll(shown.Select(id => grains.Concert(id).Get()));
        return Reply.OfEdge(new ConcertsShape(
            [.. concerts.Select(concert => concert.Value).OfType<ConcertView>()],
            ids.Length > page.Limit ? Cursor.Write(shown[^1]) : null));
    }

    private async Task<Reply> Get(Call call)
    {
        var id = call.Named("concertId");
        var answer = Names.IsId(id) ? await grains.Concert(id).Get() : new ConcertRefused(ConcertRefusal.ConcertNotFound);
        return answer.Value is { } concert ? Reply.Of(concert) : answer.Refused!.ToProblem();
    }

    private async Task<Reply> Schedules(Call call, bool onlyBookable)
    {
        var (schedules, no) = await SchedulesOf(call);
        return no is null
            ? Reply.OfEdge(new SchedulesShape(onlyBookable ? [.. schedules.Where(IsBookable)] : schedules))
            : no;
    }

    private async Task<Reply> Dates(Call call)
    {
        var (schedules, no) = await SchedulesOf(call);
        return no is null
            ? Reply.OfEdge(new DatesShape([.. schedules.Where(IsBookable).GroupBy(schedule => schedule.Date)
                .OrderBy(day => day.Key, StringComparer.Ordinal).Select(day => new DateShape(day.Key, [.. day]))]))
            : no;
    }

    private bool IsBookable(ScheduleView schedule) => schedule.SeatsAvailable > 0 && IsOnSale(schedule);
}
