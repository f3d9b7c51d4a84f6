using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>Reservations: look at one, confirm it, give it back; and all of a user's.</summary>
internal sealed class Reservations(Houses houses, IGrainFactory grains) : IResource
{
    /// <summary>How many pages of ids one call reads at the most before it leaves the rest to the next.</summary>
    private const int MaxPages = 50;

    public void Map(Routes routes)
    {
        routes.Get("/v1/reservations/{reservationId}", Gate.User, Get);
        routes.Post("/v1/reservations/{reservationId}/confirm", Gate.Active, Confirm);
        routes.Delete("/v1/reservations/{reservationId}", Gate.User, Release);
        routes.Get(
            "/v1/users/me/reservations",
            Gate.User,
            query => new Page(query.Limit(), query.Position(), query.Flag("includeExpired")),
            List);
    }

    private async Task<Reply> Get(Call call)
    {
        var (id, house, no) = await Named(call);
        if (no is not null)
        {
            return no;
        }

        var answer = await ScheduleOf(house!).Find(id, call.UserId);
        return answer.Value is { } found ? Reply.Of(found) : answer.Refused!.OfReservation();
    }

    private async Task<Reply> Confirm(Call call)
    {
        var (id, house, no) = await Named(call);
        if ((no ?? call.WrongQueue(house!.Definition.QueueId)) is { } problem)
        {
            return problem;
        }

        return Reply.Of(await ScheduleOf(house!).Confirm(id, call.UserId, call.Repeat), call.Repeat, Refusals.OfReservation);
    }

    private async Task<Reply> Release(Call call)
    {
        var (id, house, no) = await Named(call);
        if (no is not null)
        {
            return no;
        }

        var answer = await ScheduleOf(house!).Release(id, call.UserId);
        return answer.Refused is { } refused ? refused.OfReservation() : Reply.NoContent;
    }

    private async Task<(string Id, House? House, Problem? No)> Named(Call call)
    {
        var id = call.Named("reservationId");
        var (house, refused) = await houses.Find(ScopedId.ScheduleOfReservation(id) ?? "");
        return (id, house, refused?.OfReservation());
    }

    private async Task<Reply> List(Call call, Page wanted)
    {
        var found = new List<ReservationView>(wanted.Limit);
        long? next = wanted.Before;
        for (var pages = 0; next is { } before && found.Count < wanted.Limit && pages < MaxPages; pages++)
        {
            next = await ReadPage(call.UserId, wanted, before, found);
        }

        return Reply.OfEdge(new ReservationsShape([.. found], Cursor.Write(next)));
    }

    /// <summary>Adds what is to be shown of one page of ids, as far as there is room; says where the next page starts.</summary>
    private async Task<long?> ReadPage(string userId, Page wanted, long before, List<ReservationView> found)
    {
        var ids = await grains.Wallet(userId).ReservationIds(before, wanted.Limit);
        var reservations = await Task.WhenAll(ids.Items.Select(id => Find(id, userId)));
        for (var index = 0; index < reservations.Length; index++)
        {
            if (reservations[index] is { } reservation && IsShown(reservation, wanted))
            {
                found.Add(reservation);
                if (found.Count == wanted.Limit && index < reservations.Length - 1)
                {
                    return ids.Items[index].Position;
                }
            }
        }

        return ids.Next;
    }

    private static bool IsShown(ReservationView reservation, Page wanted) => wanted.IncludesExpired
        || reservation.Status is not (ReservationStatus.Expired or ReservationStatus.Cancelled);

    /// <summary>The reservation, or null where its schedule does not know it any more.</summary>
    private async Task<ReservationView?> Find(ReservationId id, string userId) =>
        ScopedId.ScheduleOfReservation(id.Id) is { } schedule
            ? (await grains.Schedule(schedule).Find(id.Id, userId)).Value
            : null;

    private IScheduleGrain ScheduleOf(House house) => grains.Schedule(house.Definition.ScheduleId);

    private sealed record Page(int Limit, long Before, bool IncludesExpired);
}
