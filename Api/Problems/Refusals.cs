using System.Diagnostics;
using System.Text.Json;
using OrleansConcert.Domain.Concerts;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;
using static OrleansConcert.Api.Problems.ProblemCode;

namespace OrleansConcert.Api.Problems;

/// <summary>The one place where a refusal meets a problem code, and through it a status.</summary>
public static class Refusals
{
    /// <summary>The problem that says this refusal to a client.</summary>
    public static Problem ToProblem(this Refused refused) => refused switch
    {
        QueueRefused queue => Of(queue),
        SeatRefused seat => Of(seat),
        WalletRefused wallet => Of(wallet),
        ConcertRefused concert => Of(concert),
        _ => throw new UnreachableException($"No problem says {refused.GetType().Name}."),
    };

    /// <summary>As <see cref="ToProblem"/>, where the client named a reservation: without its schedule there is none.</summary>
    public static Problem OfReservation(this Refused refused) =>
        refused is SeatRefused { Reason: SeatRefusal.ScheduleNotFound }
            ? new(ReservationNotFound, "There is no reservation of that id.")
            : refused.ToProblem();

    /// <summary>As <see cref="ToProblem"/>, where the client named a payment: without its schedule there is none.</summary>
    public static Problem OfPayment(this Refused refused) =>
        (refused is SeatRefused { Reason: SeatRefusal.ScheduleNotFound } ? new SeatRefused(SeatRefusal.PaymentNotFound) : refused)
        .ToProblem();

    /// <summary>As <see cref="ToProblem"/>, where the client named a date.</summary>
    public static Problem OfDate(this Refused refused, string date) =>
        refused is SeatRefused { Reason: SeatRefusal.SalesClosed }
            ? new(DateNotBookable, $"No schedule on {date} is on sale now.")
            : refused.ToProblem();

    /// <summary>A token that has ended, as it ended.</summary>
    public static Problem OfEnded(TokenStatus status, EndReason? reason, Instant? endedAt, string? paymentId) =>
        new Problem(TokenEnded, $"The queue token has ended ({Upper(reason?.ToString())}); join the queue again.")
            .With("tokenStatus", Upper(status.ToString()))
            .With("reason", Upper(reason?.ToString()))
            .With("endedAt", endedAt)
            .With("paymentId", paymentId);

    /// <summary>A token whose turn has not come.</summary>
    public static Problem OfWaiting(TokenStatus status, long? position) =>
        new Problem(TokenNotActive, "The queue token is not ACTIVE yet; poll it until its turn has come.")
            .With("tokenStatus", Upper(status.ToString()))
            .With("position", position);

    private static Problem Of(QueueRefused refused) => refused.Reason switch
    {
        QueueRefusal.QueueNotFound => new(QueueNotFound, "There is no queue of that id."),
        QueueRefusal.NotInQueue => new(NotInQueue, "The queue does not know this token, or it ended more than a day ago."),
        QueueRefusal.TokenEnded =>
            OfEnded(refused.TokenStatus!.Value, refused.EndReason, refused.EndedAt, refused.With.PaymentId),
        QueueRefusal.TokenNotActive => OfWaiting(refused.TokenStatus ?? TokenStatus.Waiting, refused.Position),
        QueueRefusal.QueueClosed => new(QueueClosed, "The queue is draining: who has a place keeps it, nobody new may join."),
        QueueRefusal.HasLiveHold =>
            new(HasLiveHold, "A new place would cost the holds that this one has: give them back or pay them first, or join with 'force'."),
    };

    private static Problem Of(SeatRefused refused) => (refused.Reason switch
    {
        SeatRefusal.ScheduleNotFound => new(ScheduleNotFound, "There is no schedule of that id."),
        SeatRefusal.SeatNotFound => new(SeatNotFound, $"The house has no {string.Join(", ", refused.With.Seats)}."),
        SeatRefusal.ReservationNotFound => new(ReservationNotFound, "The caller has no such reservation."),
        SeatRefusal.PaymentNotFound => new(PaymentNotFound, "No payment of that id was made."),
        SeatRefusal.NotOwner => new(NotOwner, "The reservation is another user's."),
        SeatRefusal.AlreadyExists => new(AlreadyExists, "A schedule of that id exists already."),
        SeatRefusal.SalesClosed => new(SalesClosed, "The schedule is outside its sales window."),
        SeatRefusal.NotASetOfSeats => Problem.OfArgument("seats", "at least one seat, each named once"),
        SeatRefusal.LimitExceeded => new(LimitExceeded, $"At most {refused.With.Limit} seats are allowed."),
        SeatRefusal.SeatsTaken => new(SeatsTaken, $"Taken already: {string.Join(", ", refused.With.Seats)}."),
        SeatRefusal.NotEnoughSeats => new(NotEnoughSeats, "Fewer seats are free than were asked for."),
        SeatRefusal.HoldExpired => new(HoldExpired, $"The hold lapsed at {refused.With.ExpiresAt}; its seats are free again."),
        SeatRefusal.ReservationCancelled => new(ReservationCancelled, "The reservation was given back, or its payment was refunded."),
        SeatRefusal.AlreadyReserved => new(AlreadyReserved, "The reservation is being paid or paid; it needs no confirming."),
        SeatRefusal.AlreadyPaid => new Problem(AlreadyPaid, "The reservation is paid."),
        SeatRefusal.PaymentInProgress => new(PaymentInProgress, "A payment of the reservation is under way; ask again shortly."),
        SeatRefusal.NotConfirmed => new(ReservationNotConfirmed, "The reservation must be confirmed before it is paid."),
    }).WithParticulars(refused.With);

    private static Problem Of(WalletRefused refused) => (refused.Reason switch
    {
        WalletRefusal.InvalidAmount => OfAmount(),
        WalletRefusal.LimitExceeded => new(LimitExceeded, $"A wallet may hold at most {refused.With.Limit}."),
        WalletRefusal.PaymentVoided => new(PaymentInProgress, "The payment was given up; ask again."),
        WalletRefusal.InsufficientBalance => new Problem(
            InsufficientBalance, $"The balance is {refused.With.Balance}, the price {refused.With.Amount}; charge the wallet first."),
    }).WithParticulars(refused.With);

    private static Problem Of(ConcertRefused refused) => (refused.Reason switch
    {
        ConcertRefusal.ConcertNotFound => new(ConcertNotFound, "There is no concert of that id."),
        ConcertRefusal.AlreadyExists => new(AlreadyExists, "A concert or schedule of that id exists already."),
        ConcertRefusal.LimitExceeded => new Problem(LimitExceeded, $"A concert may have at most {refused.With.Limit} schedules."),
    }).WithParticulars(refused.With);

    /// <summary>An amount that no charge may have.</summary>
    public static Problem OfAmount() => new(InvalidAmount, $"The amount must be 1 to {Accounting.MaxCharge}.");

    private static Problem WithParticulars(this Problem problem, Particulars with) => with.Seats.IsDefaultOrEmpty
        ? Rest(problem, with)
        : Rest(problem.With("seats", with.Seats), with);

    private static Problem Rest(Problem problem, Particulars with) => problem
        .With("expiresAt", with.ExpiresAt)
        .With("paymentId", with.PaymentId)
        .With("limit", with.Limit)
        .With("balance", with.Balance)
        .With("amount", with.Amount);

    private static string? Upper(string? name) => name is null ? null : JsonNamingPolicy.SnakeCaseUpper.ConvertName(name);
}
