using System.Text.Json.Serialization;

namespace OrleansConcert.Domain.Seats;

/// <summary>Where a reservation is in its life.</summary>
public enum ReservationStatus
{
    /// <summary>Its seats are kept until its deadline.</summary>
    Held,

    /// <summary>Held, and confirmed by its owner; the deadline stays.</summary>
    Reserved,

    /// <summary>A payment is in flight: it cannot lapse.</summary>
    Paying,

    /// <summary>Its seats are sold.</summary>
    Paid,

    /// <summary>Its deadline passed unpaid.</summary>
    Expired,

    /// <summary>Its owner gave it back.</summary>
    Cancelled,

    /// <summary>Its payment was given back, and its seats are free.</summary>
    Refunded,
}

/// <summary>Seats taken together by one user under one ticket.</summary>
public sealed class Reservation
{
    public required string Id { get; init; }

    public required string UserId { get; init; }

    public required long Ticket { get; init; }

    /// <summary>The numbers of its seats in the <see cref="SeatPlan"/>, in the order asked for.</summary>
    public required ImmutableArray<int> Seats { get; init; }

    /// <summary>What its seats cost together.</summary>
    public required long Amount { get; init; }

    public required Instant HeldAt { get; init; }

    /// <summary>Its deadline: at this instant the seats are free again unless a payment is in flight or done.</summary>
    public required Instant ExpiresAt { get; init; }

    public ReservationStatus Status { get; internal set; }

    /// <summary>Whether it was confirmed; what an aborted payment goes back to.</summary>
    public bool Confirmed { get; internal set; }

    /// <summary>The payment in flight or done.</summary>
    public PaymentInFlight? Payment { get; internal set; }

    public Instant? EndedAt { get; internal set; }

    /// <summary>The version of its last change.</summary>
    public long ChangedAt { get; internal set; }

    /// <summary>Whether its seats are kept for its owner without being paid for.</summary>
    public bool IsHold => Status is ReservationStatus.Held or ReservationStatus.Reserved;

    /// <summary>A hold ends by the clock, not by the timer that sweeps it.</summary>
    public bool IsLiveHoldAt(Instant now) => IsHold && now < ExpiresAt;

    /// <summary>Whether nobody else may have its seats.</summary>
    public bool KeepsSeatsAt(Instant now) =>
        IsLiveHoldAt(now) || Status is ReservationStatus.Paying or ReservationStatus.Paid;

    /// <summary>The status by the clock: a hold past its deadline is EXPIRED whether or not it was swept.</summary>
    public ReservationStatus StatusAt(Instant now) => IsHold && !IsLiveHoldAt(now) ? ReservationStatus.Expired : Status;
}

/// <summary>What is known of a reservation's payment.</summary>
/// <param name="Repeat">Whose key asked for it, so that the answer is kept whoever finishes it.</param>
/// <param name="BalanceAfter">The payer's balance after the debit; set when PAID.</param>
/// <param name="Settled">Whether token, wallet and histories know of the sale.</param>
/// <param name="Refund">What is known of its refund, in flight or done.</param>
public sealed record PaymentInFlight(
    string PaymentId,
    Instant StartedAt,
    Repeat? Repeat,
    Instant? PaidAt = null,
    long BalanceAfter = 0,
    bool Settled = false,
    RefundInFlight? Refund = null)
{
    /// <summary>Whether nothing is left to do: neither to sell and tell, nor to give back.</summary>
    [JsonIgnore]
    public bool IsOver => Settled && Refund is not { RefundedAt: null };
}

/// <summary>What is known of a payment's refund.</summary>
/// <param name="Repeat">Whose key asked for it, so that the answer is kept whoever finishes it.</param>
/// <param name="RefundedAt">When the money was back in the wallet; set when the seats are free.</param>
public sealed record RefundInFlight(Instant StartedAt, string By, string Why, Repeat? Repeat, Instant? RefundedAt = null);
