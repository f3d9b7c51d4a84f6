using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Audits;

/// <summary>A sale as the seats tell it, and how far its refund is.</summary>
internal sealed record Sale(
    string PaymentId, string ReservationId, string UserId, long Amount, ImmutableArray<string> Seats, Giving Refund = Giving.None);

/// <summary>How far a refund is.</summary>
internal enum Giving
{
    None,
    Started,
    Done,
}

/// <summary>The auditor's book of one schedule: who has which seat.</summary>
internal sealed class SeatLedger(string scheduleId, Action<string> find)
{
    private readonly Dictionary<string, string> _reservationBySeat = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Sale> _sales = new(StringComparer.Ordinal);
    private Dictionary<string, long>? _prices;

    public IEnumerable<Sale> Sales => _sales.Values;

    /// <summary>The payments started, and neither sold nor aborted yet.</summary>
    public IEnumerable<string> InFlight => _held.Values.Where(held => held.PaymentId is not null).Select(held => held.PaymentId!);

    public void Observe(SeatEvent happened)
    {
        switch (happened)
        {
            case ScheduleOpened opened when _prices is null:
                var plan = new SeatPlan(opened.Definition.Sections);
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
                HeldOf(confirmed.ReservationId, "confirmed");
                break;
            case HoldReleased released:
                Free(released.ReservationId, "released");
                break;
            case HoldLapsed lapsed:
                if (HeldOf(lapsed.ReservationId, "lapsed") is { } early && lapsed.At < early.ExpiresAt)
                {
                    find($"reservation {lapsed.ReservationId} lapsed at {lapsed.At}, before its deadline {early.ExpiresAt}");
                }

                Free(lapsed.ReservationId, "lapsed");
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
            if (_prices is null || !_prices.ContainsKey(seat))
            {
                find($"reservation {held.ReservationId} took seat {seat}, which schedule {scheduleId} does not have");
            }

            if (!_reservationBySeat.TryAdd(seat, held.ReservationId))
            {
                find($"seat {seat} of {scheduleId} was taken by {held.ReservationId} while {_reservationBySeat[seat]} had it");
            }
        }

        if (_prices is not null && held.Amount != held.Seats.Sum(seat => _prices.GetValueOrDefault(seat)))
        {
            find($"reservation {held.ReservationId} costs {held.Amount}, which is not the sum of its seats");
        }

        if (!_held.TryAdd(held.ReservationId, new(held.UserId, held.Seats, held.Amount, held.ExpiresAt, null)))
        {
            find($"reservation {held.ReservationId} was made twice");
        }
    }

    private void ObservePayment(SeatEvent happened)
    {
        switch (happened)
        {
            case PaymentStarted started:
                if (HeldOf(started.ReservationId, "paid") is { } held)
                {
                    if (held.PaymentId is not null || started.At >= held.ExpiresAt)
                    {
                        find($"payment {started.PaymentId} started on {started.ReservationId}, which was not a live hold");
                    }

                    _held[started.ReservationId] = held with { PaymentId = started.PaymentId };
                }

                break;
            case PaymentAborted aborted:
                if (HeldOf(aborted.ReservationId, "given back by a payment") is { } back)
                {
                    _held[aborted.ReservationId] = back with { PaymentId = null };
                }

                break;
            case SeatsSold sold:
                Observe(sold);
                break;
            case RefundStarted started:
                Refund(started.ReservationId, started.PaymentId, Giving.None, Giving.Started);
                break;
            case PaymentRefunded refunded:
                foreach (var seat in Refund(refunded.ReservationId, refunded.PaymentId, Giving.Started, Giving.Done)?.Seats ?? [])
                {
                    _reservationBySeat.Remove(seat);
                }

                break;
        }
    }

    /// <summary>A refund takes its next step; the sale, or null where it was not at the step before.</summary>
    private Sale? Refund(string reservationId, string paymentId, Giving from, Giving to)
    {
        if (!_sales.TryGetValue(paymentId, out var sale) || sale.Refund != from || sale.ReservationId != reservationId)
        {
            find($"payment {paymentId} of {reservationId} was given back ({to}) after {sale?.Refund.ToString() ?? "no sale"}");
            return null;
        }

        return _sales[paymentId] = sale with { Refund = to };
    }

    private void Observe(SeatsSold sold)
    {
        if (HeldOf(sold.ReservationId, "sold") is not { } held)
        {
            return;
        }

        if (held.PaymentId != sold.PaymentId)
        {
            find($"reservation {sold.ReservationId} was sold by {sold.PaymentId}, which was not its payment in flight");
        }

        _held.Remove(sold.ReservationId);
        if (!_sales.TryAdd(sold.PaymentId, new(sold.PaymentId, sold.ReservationId, held.UserId, held.Amount, held.Seats)))
        {
            find($"payment {sold.PaymentId} sold twice");
        }
    }

    private Held? HeldOf(string reservationId, string what)
    {
        if (_held.TryGetValue(reservationId, out var held))
        {
            return held;
        }

        find($"reservation {reservationId} was {what}, but was no hold");
        return null;
    }

    private void Free(string reservationId, string what)
    {
        if (HeldOf(reservationId, what) is { } held)
        {
            if (held.PaymentId is not null)
            {
                find($"reservation {reservationId} was {what} while its payment {held.PaymentId} was in flight");
            }

            _held.Remove(reservationId);
            foreach (var seat in held.Seats)
            {
                _reservationBySeat.Remove(seat);
            }
        }
    }

    private sealed record Held(string UserId, ImmutableArray<string> Seats, long Amount, Instant ExpiresAt, string? PaymentId);
}
