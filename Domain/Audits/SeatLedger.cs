using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Audits;

/// <summary>The auditor's book of one schedule: who has which seat, held or sold.</summary>
internal sealed class SeatLedger(string scheduleId, PaymentLedger payments, Func<string, QueueLedger?> queues, Action<string> find)
{
    private readonly Dictionary<string, string> _reservationBySeat = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Taken> _taken = new(StringComparer.Ordinal);
    private Dictionary<string, long> _prices = [];
    private ScheduleDefinition? _definition;
    private Instant _last;

    public long SoldSeats { get; private set; }

    public long SoldValue { get; private set; }

    public long Payments { get; private set; }

    public void Observe(SeatEvent happened)
    {
        _last = Auditor.InTime($"schedule {scheduleId}", _last, happened.At, find);
        switch (happened)
        {
            case ScheduleOpened opened when _definition is null:
                var plan = new SeatPlan(opened.Definition.Sections);
                _definition = opened.Definition;
                _prices = Enumerable.Range(0, plan.SeatCount).ToDictionary(
                    seat => plan.SeatAt(seat).ToString(), plan.PriceOf, StringComparer.Ordinal);
                break;
            case ScheduleOpened:
                find($"schedule {scheduleId} was opened twice");
                break;
            case SeatsHeld held:
                Observe(held);
                break;
            case HoldConfirmed confirmed:
                LiveHold(confirmed.ReservationId, "confirmed", confirmed.At);
                break;
            case HoldReleased released when LiveHold(released.ReservationId, "released", released.At) is { } back:
                Free(released.ReservationId, back);
                break;
            case HoldLapsed lapsed when Hold(lapsed.ReservationId, "lapsed") is { } over:
                if (lapsed.At < over.ExpiresAt)
                {
                    find($"reservation {lapsed.ReservationId} lapsed at {lapsed.At}, before its deadline {over.ExpiresAt}");
                }

                Free(lapsed.ReservationId, over);
                break;
            default:
                ObservePayment(happened);
                break;
        }
    }

    private void Observe(SeatsHeld held)
    {
        foreach (var seat in held.Seats)
        {
            if (!_prices.ContainsKey(seat))
            {
                find($"reservation {held.ReservationId} took seat {seat}, which schedule {scheduleId} does not have");
            }

            if (!_reservationBySeat.TryAdd(seat, held.ReservationId))
            {
                find($"seat {seat} of {scheduleId} was taken by {held.ReservationId} while {_reservationBySeat[seat]} had it");
            }
        }

        if (held.Amount != held.Seats.Sum(seat => _prices.GetValueOrDefault(seat)))
        {
            find($"reservation {held.ReservationId} costs {held.Amount}, which is not the sum of its seats");
        }

        if (!_taken.TryAdd(held.ReservationId, new(held.UserId, held.Seats, held.Amount, held.ExpiresAt, null, false)))
        {
            find($"reservation {held.ReservationId} was made twice");
        }

        ObserveTerms(held);
    }

    private void ObserveTerms(SeatsHeld held)
    {
        if (_definition is not { } definition)
        {
            return;
        }

        if (!definition.IsOnSaleAt(held.At))
        {
            find($"reservation {held.ReservationId} was made at {held.At}, outside the sales window of {scheduleId}");
        }

        if (held.Seats.Length > definition.Policy.MaxSeatsPerHold)
        {
            find($"reservation {held.ReservationId} has {held.Seats.Length} seats; {definition.Policy.MaxSeatsPerHold} are allowed");
        }

        if (held.ExpiresAt <= held.At || held.ExpiresAt > held.At + definition.Policy.HoldTtl)
        {
            find($"reservation {held.ReservationId} was made at {held.At} and lasts until {held.ExpiresAt}, against the policy");
        }

        var queue = queues(definition.QueueId);
        if ((queue is null ? "and there is no such queue" : queue.WhyNotHolder(held.Ticket, held.UserId)) is { } no)
        {
            find($"reservation {held.ReservationId} of {held.UserId} was made with ticket {held.Ticket} of {definition.QueueId}, {no}");
        }
    }

    private void ObservePayment(SeatEvent happened)
    {
        switch (happened)
        {
            case PaymentStarted started when LiveHold(started.ReservationId, "paid", started.At) is { } held:
                _taken[started.ReservationId] = held with { PaymentId = started.PaymentId };
                payments.Started(started, held.UserId, held.Amount);
                break;
            case PaymentAborted aborted:
                if (InFlight(aborted.ReservationId, aborted.PaymentId, "given up") is { } back)
                {
                    _taken[aborted.ReservationId] = back with { PaymentId = null };
                }

                payments.Aborted(aborted);
                break;
            case SeatsSold sold:
                if (InFlight(sold.ReservationId, sold.PaymentId, "sold") is { } paid)
                {
                    _taken[sold.ReservationId] = paid with { IsSold = true };
                    (SoldSeats, SoldValue, Payments) = (SoldSeats + paid.Seats.Length, SoldValue + paid.Amount, Payments + 1);
                }

                payments.Sold(sold);
                break;
            case PaymentSettled settled:
                payments.Settled(settled);
                break;
            case RefundStarted started:
                Sale(started.ReservationId, started.PaymentId);
                payments.RefundStarted(started);
                break;
            case PaymentRefunded refunded:
                if (Sale(refunded.ReservationId, refunded.PaymentId) is { } sale)
                {
                    (SoldSeats, SoldValue) = (SoldSeats - sale.Seats.Length, SoldValue - sale.Amount);
                    Free(refunded.ReservationId, sale);
                }

                payments.Refunded(refunded);
                break;
        }
    }

    /// <summary>The hold, paid for or not; what is sold is none any more.</summary>
    private Taken? Hold(string reservationId, string what)
    {
        if (_taken.GetValueOrDefault(reservationId) is not { IsSold: false } held)
        {
            find($"reservation {reservationId} was {what}, but was no hold");
            return null;
        }

        if (held.PaymentId is not null)
        {
            find($"reservation {reservationId} was {what} while its payment {held.PaymentId} was in flight");
        }

        return held;
    }

    private Taken? LiveHold(string reservationId, string what, Instant at)
    {
        var held = Hold(reservationId, what);
        if (at >= held?.ExpiresAt)
        {
            find($"reservation {reservationId} was {what} at {at}, and its deadline was {held.ExpiresAt}");
        }

        return held;
    }

    private Taken? InFlight(string reservationId, string paymentId, string what)
    {
        if (_taken.GetValueOrDefault(reservationId) is { IsSold: false } held && held.PaymentId == paymentId)
        {
            return held;
        }

        find($"reservation {reservationId} was {what} by {paymentId}, which was not its payment in flight");
        return null;
    }

    private Taken? Sale(string reservationId, string paymentId)
    {
        if (_taken.GetValueOrDefault(reservationId) is { IsSold: true } sale && sale.PaymentId == paymentId)
        {
            return sale;
        }

        find($"reservation {reservationId} was refunded by {paymentId}, which had not bought it");
        return null;
    }

    private void Free(string reservationId, Taken taken)
    {
        _taken.Remove(reservationId);
        foreach (var seat in taken.Seats)
        {
            _reservationBySeat.Remove(seat);
        }
    }

    private sealed record Taken(
        string UserId, ImmutableArray<string> Seats, long Amount, Instant ExpiresAt, string? PaymentId, bool IsSold);
}
