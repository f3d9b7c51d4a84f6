using System.Globalization;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Audits;

/// <summary>
/// All that ever happened to one seat, gathered from its schedule's events read backwards. Memory goes with the reservations that are
/// not over, not with the length of the stream.
/// </summary>
public sealed class SeatTrail(string seatId)
{
    private readonly Dictionary<string, List<SeatEvent>> _later = new(StringComparer.Ordinal);
    private readonly List<TrailEntry> _newestFirst = [];

    /// <summary>What happened to the seat so far as it was read, oldest first.</summary>
    public ImmutableArray<TrailEntry> Entries => [.. _newestFirst.AsEnumerable().Reverse()];

    /// <summary>Takes the event before the one observed last.</summary>
    public void ObserveEarlier(SeatEvent happened)
    {
        if (happened is SeatsHeld held)
        {
            var later = _later.Remove(held.ReservationId, out var events) ? events : [];
            if (held.Seats.Contains(seatId))
            {
                // What two reservations of one seat did is never mixed up in time.
                _newestFirst.AddRange(later.Select(each => Tell(held, later, each)).OfType<TrailEntry>());
                _newestFirst.Add(Entry(held, held, TrailEvent.Held, null, $"{held.UserId} took {Seats(held)} for {Money(held.Amount)} "
                    + $"with ticket {held.Ticket}; unpaid, they are free again at {held.ExpiresAt}."));
            }
        }
        else if (ReservationOf(happened) is { } reservation)
        {
            if (!_later.TryGetValue(reservation, out var events))
            {
                _later.Add(reservation, events = []);
            }

            events.Add(happened);
        }
    }

    private static string? ReservationOf(SeatEvent happened) => happened switch
    {
        HoldConfirmed confirmed => confirmed.ReservationId,
        HoldReleased released => released.ReservationId,
        HoldLapsed lapsed => lapsed.ReservationId,
        PaymentStarted started => started.ReservationId,
        PaymentAborted aborted => aborted.ReservationId,
        SeatsSold sold => sold.ReservationId,
        RefundStarted started => started.ReservationId,
        PaymentRefunded refunded => refunded.ReservationId,
        _ => null,
    };

    private static TrailEntry? Tell(SeatsHeld held, List<SeatEvent> later, SeatEvent happened) => happened switch
    {
        HoldConfirmed => Entry(held, happened, TrailEvent.Reserved, null,
            $"{held.UserId} confirmed the hold; its deadline stays {held.ExpiresAt}."),
        HoldReleased released => Entry(held, happened, TrailEvent.Released, null, WhyReleased(held, released.Why)),
        HoldLapsed => Entry(held, happened, TrailEvent.Lapsed, null,
            $"The deadline {held.ExpiresAt} passed and {held.UserId} had not paid; {Seats(held)} are free again."),
        PaymentStarted started => Entry(held, happened, TrailEvent.Paying, started.PaymentId,
            $"{held.UserId} asked to pay {Money(held.Amount)}; while the payment runs the hold does not lapse."),
        PaymentAborted aborted => Entry(held, happened, TrailEvent.PaymentAborted, aborted.PaymentId,
            $"The payment was given back: {WhyAborted(held, aborted)}; nothing was taken, "
            + (happened.At < held.ExpiresAt
                ? $"the hold stays until {held.ExpiresAt}."
                : $"and the deadline {held.ExpiresAt} had passed meanwhile.")),
        SeatsSold sold => Entry(held, happened, TrailEvent.Sold, sold.PaymentId,
            $"{held.UserId} paid {Money(held.Amount)}, which left {Money(sold.BalanceAfter)} in the wallet; {Seats(held)} are sold."),
        PaymentRefunded refunded => Entry(held, happened, TrailEvent.Refunded, refunded.PaymentId,
            $"{held.UserId} got {Money(held.Amount)} back at {refunded.RefundedAt}, and {Seats(held)} are free again."
            + (later.OfType<RefundStarted>().FirstOrDefault() is { } order
                ? $" {order.By} ordered it at {order.At}, saying: {order.Why}"
                : "")),
        _ => null,
    };

    private static string WhyReleased(SeatsHeld held, ReleaseReason why) => why switch
    {
        ReleaseReason.Released => $"{held.UserId} gave {Seats(held)} back before the deadline {held.ExpiresAt}.",
        ReleaseReason.LeftQueue =>
            $"Ticket {held.Ticket} ended because {held.UserId} left the queue, or lost the place; its holds were given back.",
        ReleaseReason.TokenUsed => $"Another payment of {held.UserId} used ticket {held.Ticket} up; its other holds were given back.",
    };

    private static string WhyAborted(SeatsHeld held, PaymentAborted aborted) => aborted.Why switch
    {
        AbortReason.InsufficientBalance when aborted.Balance is { } balance =>
            $"the wallet held {Money(balance)} and {Money(held.Amount)} was needed",
        AbortReason.InsufficientBalance => $"the wallet held less than the {Money(held.Amount)} that was needed",
        AbortReason.WalletUnavailable => "the wallet could not answer, and made sure that it takes nothing later",
    };

    private static TrailEntry Entry(SeatsHeld held, SeatEvent happened, TrailEvent what, string? paymentId, string why) =>
        new(happened.At, what, held.UserId, held.ReservationId, paymentId, why);

    private static string Seats(SeatsHeld held) => string.Join(", ", held.Seats);

    private static string Money(long amount) => amount.ToString("N0", CultureInfo.InvariantCulture);
}
