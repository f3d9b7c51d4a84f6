using System.Text.Json.Serialization;

namespace OrleansConcert.Domain.Seats;

/// <summary>
/// What happened to the seats of a schedule. These texts are stored for ever: names and members are only ever added, and old
/// ones stay readable (pinned by tests).
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "what")]
[JsonDerivedType(typeof(ScheduleOpened), "ScheduleOpened")]
[JsonDerivedType(typeof(SeatsHeld), "SeatsHeld")]
[JsonDerivedType(typeof(HoldConfirmed), "HoldConfirmed")]
[JsonDerivedType(typeof(HoldReleased), "HoldReleased")]
[JsonDerivedType(typeof(HoldLapsed), "HoldLapsed")]
[JsonDerivedType(typeof(PaymentStarted), "PaymentStarted")]
[JsonDerivedType(typeof(PaymentAborted), "PaymentAborted")]
[JsonDerivedType(typeof(SeatsSold), "SeatsSold")]
[JsonDerivedType(typeof(PaymentSettled), "PaymentSettled")]
[JsonDerivedType(typeof(RefundStarted), "RefundStarted")]
[JsonDerivedType(typeof(PaymentRefunded), "PaymentRefunded")]
public abstract record SeatEvent(Instant At);

/// <summary>The house is there, every seat free.</summary>
public sealed record ScheduleOpened(Instant At, ScheduleDefinition Definition) : SeatEvent(At);

/// <summary>All these seats were taken together.</summary>
public sealed record SeatsHeld(
    Instant At, string ReservationId, string UserId, long Ticket, ImmutableArray<string> Seats, long Amount, Instant ExpiresAt)
    : SeatEvent(At);

/// <summary>The owner confirmed; the deadline stays.</summary>
public sealed record HoldConfirmed(Instant At, string ReservationId) : SeatEvent(At);

/// <summary>The seats were given back before the deadline.</summary>
public sealed record HoldReleased(Instant At, string ReservationId, ReleaseReason Why) : SeatEvent(At);

/// <summary>The deadline passed unpaid.</summary>
public sealed record HoldLapsed(Instant At, string ReservationId) : SeatEvent(At);

/// <summary>A payment is in flight; from here on the hold cannot lapse.</summary>
public sealed record PaymentStarted(Instant At, string ReservationId, string PaymentId, Repeat? Repeat) : SeatEvent(At);

/// <summary>Nothing was taken; the hold is back with its old deadline.</summary>
/// <param name="Balance">What the wallet held, where that was too little.</param>
public sealed record PaymentAborted(
    Instant At, string ReservationId, string PaymentId, AbortReason Why, long? Balance = null) : SeatEvent(At);

/// <summary>The debit is done and the seats are sold.</summary>
public sealed record SeatsSold(Instant At, string ReservationId, string PaymentId, long BalanceAfter) : SeatEvent(At);

/// <summary>Token, wallet and histories know of the payment: nothing is left to do.</summary>
public sealed record PaymentSettled(Instant At, string ReservationId, string PaymentId) : SeatEvent(At);

/// <summary>A payment is being given back; from here on nothing stops that.</summary>
/// <param name="By">The admin who ordered it.</param>
/// <param name="Why">Their reason, in their words.</param>
public sealed record RefundStarted(Instant At, string ReservationId, string PaymentId, string By, string Why, Repeat? Repeat)
    : SeatEvent(At);

/// <summary>The money is back and the seats are free.</summary>
/// <param name="RefundedAt">The instant at which the wallet had the money.</param>
public sealed record PaymentRefunded(Instant At, string ReservationId, string PaymentId, Instant RefundedAt) : SeatEvent(At);

/// <summary>Why seats were given back.</summary>
public enum ReleaseReason
{
    /// <summary>The owner released them.</summary>
    Released,

    /// <summary>The owner left the queue.</summary>
    LeftQueue,

    /// <summary>The token was used up by another payment.</summary>
    TokenUsed,
}

/// <summary>Why a payment took nothing.</summary>
public enum AbortReason
{
    InsufficientBalance,

    /// <summary>The wallet could not answer, and made sure that it took nothing.</summary>
    WalletUnavailable,
}
