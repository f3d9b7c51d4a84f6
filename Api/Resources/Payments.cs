using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>Payments: pay a reservation, and all that a user paid.</summary>
internal sealed class Payments(Houses houses, Boards boards, IGrainFactory grains) : IResource
{
    public void Map(Routes routes)
    {
        routes.Post("/v1/payments", Gate.Active, Wanted.Read, Pay);
        routes.Get("/v1/users/me/payments", Gate.User, query => (query.Limit(), query.Position()), List);
    }

    private async Task<Reply> Pay(Call call, Wanted wanted)
    {
        var (house, refused) = await houses.Find(wanted.ScheduleId);
        var no = wanted.ReservationId is null ? refused?.ToProblem() : refused?.OfReservation();
        if ((no ?? call.WrongQueue(house!.Definition.QueueId)) is { } problem)
        {
            return problem;
        }

        var request = new PayRequest(call.UserId, wanted.ReservationId, wanted.Seats);
        var answer = await grains.Schedule(wanted.ScheduleId).Pay(request, call.Repeat);
        boards.Changed(call.Caller.Token!.QueueId);
        return Reply.Of(answer, call.Repeat, Refusals.OfReservation);
    }

    private async Task<Reply> List(Call call, (int Limit, long Before) page)
    {
        var payments = await grains.Wallet(call.UserId).Payments(page.Before, page.Limit);
        return Reply.OfEdge(new PaymentsShape(payments.Items, Cursor.Write(payments.Next)));
    }

    /// <summary>What is to be paid: a reservation by its id, or by its schedule and exactly its seats.</summary>
    private sealed record Wanted(string ScheduleId, string? ReservationId, ImmutableArray<string> Seats)
    {
        public static Wanted Read(Fields fields)
        {
            fields.Only("reservationId", "scheduleId", "seats");
            var reservation = fields.Text("reservationId");
            if (reservation is null)
            {
                var schedule = fields.Named("scheduleId", Names.IsId, Names.IdRule + ", or else reservationId must be given");
                return new(schedule, null, HoldWanted.SeatsIn(fields));
            }

            if (fields.Text("scheduleId") is not null || fields.Texts("seats") is not null)
            {
                fields.Fault("reservationId", "given, or else scheduleId and seats, not both");
            }

            return new(ScopedId.ScheduleOfReservation(reservation) ?? "", reservation, []);
        }
    }
}
