using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>What ever happened to a seat or to a user's tokens, and whether all that must hold does: all read from the journal.</summary>
internal sealed class Audits(Houses houses, IGrainFactory grains) : IResource
{
    public void Map(Routes routes)
    {
        routes.Slow("/v1/admin/audit/invariants", Gate.Admin, async _ => Reply.Of(await grains.Audit().Invariants()));
        routes.Slow("/v1/admin/audit/seats/{scheduleId}/{seatId}", Gate.Admin, OfSeat);
        routes.Slow("/v1/admin/audit/users/{userId}/tokens", Gate.Admin, OfTokens);
    }

    private async Task<Reply> OfSeat(Call call)
    {
        var (schedule, seat) = (call.Named("scheduleId"), call.Named("seatId"));
        var (house, refused) = await houses.Find(schedule);
        if (refused is null && house!.Plan.IndexOf(seat) < 0)
        {
            refused = new SeatRefused(SeatRefusal.SeatNotFound) { With = new() { Seats = [seat] } };
        }

        return refused?.ToProblem() ?? Reply.OfEdge(new TrailShape(await grains.Trails().OfSeat(schedule, seat)));
    }

    private async Task<Reply> OfTokens(Call call)
    {
        var user = call.Named("userId");
        return Names.IsUserId(user)
            ? Reply.OfEdge(new TrailShape(await grains.Trails().OfTokens(user, [.. await grains.Catalog().Queues()])))
            : new Problem(ProblemCode.UserNotFound, "No user can have that id.");
    }
}
