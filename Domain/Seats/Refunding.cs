namespace OrleansConcert.Domain.Seats;

/// <summary>
/// The schedule's side of a refund, the payment backwards: started, then the wallet gets the money, then the seats are free.
/// Every step may be asked for again.
/// </summary>
/// <remarks>
/// There is no way back from <see cref="Start"/>, for no wallet refuses its own money; so a refund only has to be driven on. The
/// money goes first: a seat that is free while its money is kept could be sold again, and then two would have paid for it. Until
/// <see cref="Complete"/> the seats are SOLD and the payment stands; that one event ends both.
/// </remarks>
public static class Refunding
{
    /// <summary>Starts the refund of a payment that was made. One that was started is as it is, whoever asks again and why.</summary>
    public static Decision<SeatEvent> Start(
        ScheduleState schedule, string paymentId, string by, string why, Repeat? repeat, Instant now) =>
        schedule.FindPayment(paymentId) switch
        {
            null => Decision<SeatEvent>.No(new SeatRefused(SeatRefusal.PaymentNotFound)),
            { Payment.Refund: null } paid =>
                Decision<SeatEvent>.Yes(new RefundStarted(now, paid.Id, paymentId, by, why, repeat)),
            { ChangedAt: var shows } => Decision<SeatEvent>.Already(shows),
        };

    /// <summary>The money is back since <paramref name="refundedAt"/>: the seats are free.</summary>
    public static ImmutableArray<SeatEvent> Complete(ScheduleState schedule, string paymentId, Instant refundedAt, Instant now) =>
        schedule.FindPayment(paymentId) is { Payment.Refund.RefundedAt: null } paid
            ? [new PaymentRefunded(now, paid.Id, paymentId, refundedAt)]
            : [];
}
