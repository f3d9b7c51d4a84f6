namespace OrleansConcert.Domain.Seats;

/// <summary>
/// The schedule's side of a payment: started (from here on the hold cannot lapse), then sold or aborted, then settled. Every
/// step may be asked for again. Before <see cref="Start"/> is asked, the lapses due by now are folded.
/// </summary>
public static class Paying
{
    /// <summary>Starts the payment of a live hold. A held seat stays payable after the sales have closed.</summary>
    public static Decision<SeatEvent> Start(
        ScheduleState schedule, string reservationId, string userId, string paymentId, Repeat? repeat, Instant now)
    {
        if (Holding.Owned(schedule, reservationId, userId, out var reservation) is { } refused)
        {
            return refused;
        }

        return reservation.StatusAt(now) switch
        {
            ReservationStatus.Held when schedule.Definition!.Policy.ExplicitReserve =>
                Holding.No(reservation, SeatRefusal.NotConfirmed),
            ReservationStatus.Held or ReservationStatus.Reserved =>
                Decision<SeatEvent>.Yes(new PaymentStarted(now, reservation.Id, paymentId, repeat)),
            ReservationStatus.Paying => Holding.No(reservation, SeatRefusal.PaymentInProgress),
            ReservationStatus.Paid => Holding.No(reservation, SeatRefusal.AlreadyPaid),
            ReservationStatus.Expired => Holding.No(reservation, SeatRefusal.HoldExpired),
            ReservationStatus.Cancelled or ReservationStatus.Refunded =>
                Holding.No(reservation, SeatRefusal.ReservationCancelled),
        };
    }

    /// <summary>
    /// The newest reservation of the caller that has exactly these seats, or null: what a payment by seats speaks of.
    /// </summary>
    public static Reservation? Match(ScheduleState schedule, string userId, ImmutableArray<string> seatIds)
    {
        var seats = seatIds.Select(schedule.Plan.IndexOf).ToHashSet();
        return seats.Count < seatIds.Length
            ? null
            : schedule.Of(userId).LastOrDefault(reservation => seats.SetEquals(reservation.Seats));
    }

    /// <summary>The debit is done: the seats are sold.</summary>
    public static ImmutableArray<SeatEvent> Complete(
        ScheduleState schedule, string reservationId, string paymentId, long balanceAfter, Instant now) =>
        InFlight(schedule, reservationId, paymentId) is { } reservation
            ? [new SeatsSold(now, reservation.Id, paymentId, balanceAfter)]
            : [];

    /// <summary>Nothing was taken: the hold is back with its old deadline, and lapses at once where that has passed.</summary>
    public static ImmutableArray<SeatEvent> Abort(
        ScheduleState schedule, string reservationId, string paymentId, AbortReason why, Instant now, long? balance = null) =>
        InFlight(schedule, reservationId, paymentId) is { } reservation
            ? [new PaymentAborted(now, reservation.Id, paymentId, why, balance)]
            : [];

    /// <summary>Token, wallet and histories know. A refund may have overtaken that.</summary>
    public static ImmutableArray<SeatEvent> Settle(
        ScheduleState schedule, string reservationId, string paymentId, Instant now) =>
        schedule.FindPayment(paymentId) is { Payment.Settled: false } paid && paid.Id == reservationId
            ? [new PaymentSettled(now, reservationId, paymentId)]
            : [];

    private static Reservation? InFlight(ScheduleState schedule, string reservationId, string paymentId) =>
        schedule.Find(reservationId) is { Status: ReservationStatus.Paying } reservation
        && reservation.Payment!.PaymentId == paymentId
            ? reservation
            : null;
}
