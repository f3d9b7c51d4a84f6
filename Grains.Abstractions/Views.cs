using System.Text.Json.Serialization;
using OrleansConcert.Domain.Payments;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>A place in a queue, as its owner sees it.</summary>
/// <param name="Position">0 once ACTIVE, else 1 + the number of WAITING tokens that joined earlier.</param>
/// <param name="EstimatedWaitMs">Null while the queue is paused or where nothing is known.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.TokenView")]
public sealed record TokenView(
    [property: Id(0)] string Token,
    [property: Id(1)] string QueueId,
    [property: Id(2)] QueueOpenness QueueState,
    [property: Id(3)] string UserId,
    [property: Id(4)] TokenStatus Status,
    [property: Id(5)] long Position,
    [property: Id(6)] long Ahead,
    [property: Id(7)] long? EstimatedWaitMs,
    [property: Id(8)] int PollAfterMs,
    [property: Id(9)] Instant IssuedAt,
    [property: Id(10), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Instant? ActivatedAt,
    [property: Id(11), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Instant? ExpiresAt,
    [property: Id(12), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Instant? EndedAt,
    [property: Id(13), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EndReason? Reason)
{
    /// <summary>A live token at its place.</summary>
    public static TokenView Of(string token, string queueId, string userId, QueueOpenness openness, in Place place) => new(
        token, queueId, openness, userId, place.Status, place.Position, Math.Max(place.Position - 1, 0), place.EstimatedWaitMs,
        place.PollAfterMs, place.IssuedAt, place.ActivatedAt, place.ExpiresAt, null, null);

    /// <summary>The token that this place had until another one took over, which is as good as ended.</summary>
    public TokenView ToRotated(Instant at) => this with
    {
        Status = TokenStatus.Expired,
        Position = 0,
        Ahead = 0,
        EstimatedWaitMs = 0,
        EndedAt = at,
        Reason = EndReason.Rotated,
    };
}

/// <summary>A queue as an operator sees it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.QueueView")]
public sealed record QueueView(
    [property: Id(0)] string QueueId,
    [property: Id(1)] QueueMode State,
    [property: Id(2)] string Preset,
    [property: Id(3)] QueuePolicy Policy,
    [property: Id(4)] QueueFigures Figures);

/// <summary>How many tokens of a queue wait, are active, and ended in which way since it was made.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.QueueFigures")]
public sealed record QueueFigures(
    [property: Id(0)] long Waiting,
    [property: Id(1)] long Active,
    [property: Id(2)] long AdmittedTotal,
    [property: Id(3)] long DoneTotal,
    [property: Id(4)] long ExpiredTotal,
    [property: Id(5)] long CancelledTotal,
    [property: Id(6)] double AdmitPerMinute);

/// <summary>A concert as anybody sees it.</summary>
/// <param name="Schedules">How many schedules it has.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ConcertView")]
public sealed record ConcertView(
    [property: Id(0)] string ConcertId,
    [property: Id(1)] string Title,
    [property: Id(2)] string QueueId,
    [property: Id(3)] string TimeZone,
    [property: Id(4)] bool SoldOut,
    [property: Id(5)] int Schedules,
    [property: Id(6)] SalePolicy Policy);

/// <summary>A schedule as a buyer sees it: when it is, when it is on sale, what is left.</summary>
/// <param name="PriceFrom">The lowest price of a seat.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ScheduleView")]
public sealed record ScheduleView(
    [property: Id(0)] string ScheduleId,
    [property: Id(1)] string ConcertId,
    [property: Id(2)] string Date,
    [property: Id(3)] Instant StartsAt,
    [property: Id(4)] Instant SalesOpenAt,
    [property: Id(5)] Instant SalesCloseAt,
    [property: Id(6)] int SeatsTotal,
    [property: Id(7)] int SeatsAvailable,
    [property: Id(8)] bool SoldOut,
    [property: Id(9)] long PriceFrom)
{
    public static ScheduleView Of(ScheduleDefinition definition, int available, bool soldOut) => new(
        definition.ScheduleId, definition.ConcertId, definition.Date, definition.StartsAt, definition.SalesOpenAt,
        definition.SalesCloseAt, definition.Sections.Sum(section => section.Rows * section.SeatsPerRow), available, soldOut,
        definition.Sections.Min(section => section.Price));
}

/// <summary>A reservation as its owner sees it.</summary>
/// <param name="ExpiresInMs">Milliseconds left of a live hold, else 0.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ReservationView")]
public sealed record ReservationView(
    [property: Id(0)] string ReservationId,
    [property: Id(1)] string ScheduleId,
    [property: Id(2)] string ConcertId,
    [property: Id(3)] string UserId,
    [property: Id(4)] ReservationStatus Status,
    [property: Id(5)] ImmutableArray<PricedSeat> Seats,
    [property: Id(6)] long Amount,
    [property: Id(7)] Instant HeldAt,
    [property: Id(8)] Instant ExpiresAt,
    [property: Id(9)] long ExpiresInMs,
    [property: Id(10), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PaymentId);

/// <summary>The receipt of a payment as its payer sees it.</summary>
/// <param name="BalanceAfter">The balance after the payment, whatever came later.</param>
/// <param name="RefundedAt">When the money was given back; null where it was not.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.PaymentView")]
public sealed record PaymentView(
    [property: Id(0)] string PaymentId,
    [property: Id(1)] string ReservationId,
    [property: Id(2)] string ScheduleId,
    [property: Id(3)] string ConcertId,
    [property: Id(4)] string UserId,
    [property: Id(5)] ImmutableArray<PricedSeat> Seats,
    [property: Id(6)] long Amount,
    [property: Id(7)] long BalanceAfter,
    [property: Id(8)] Instant PaidAt,
    [property: Id(9)] TokenStatus TokenStatus,
    [property: Id(10), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Instant? RefundedAt)
{
    public static PaymentView Of(Receipt receipt, Instant? refundedAt = null) => new(
        receipt.PaymentId, receipt.ReservationId, receipt.ScheduleId, receipt.ConcertId, receipt.UserId, receipt.Seats,
        receipt.Amount, receipt.BalanceAfter, receipt.PaidAt, receipt.TokenDone ? TokenStatus.Done : TokenStatus.Active, refundedAt);
}

/// <summary>A wallet as its owner sees it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.WalletView")]
public sealed record WalletView([property: Id(0)] string UserId, [property: Id(1)] long Balance);

/// <summary>What a charge came to: the balance with it, and its entry.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ChargeView")]
public sealed record ChargeView(
    [property: Id(0)] string UserId, [property: Id(1)] long Balance, [property: Id(2)] string EntryId);

/// <summary>What a wallet entry is of.</summary>
public enum EntryKind
{
    Charge,
    Payment,
    Refund,
}

/// <summary>One line of a wallet.</summary>
/// <param name="Amount">Signed: a payment is negative.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.WalletEntryView")]
public sealed record WalletEntryView(
    [property: Id(0)] string EntryId,
    [property: Id(1)] EntryKind Kind,
    [property: Id(2)] long Amount,
    [property: Id(3)] long BalanceAfter,
    [property: Id(4)] Instant At,
    [property: Id(5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PaymentId);

/// <summary>Whether every invariant holds, recomputed from the journal.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.AuditView")]
public sealed record AuditView(
    [property: Id(0)] bool Ok,
    [property: Id(1)] Instant CheckedAt,
    [property: Id(2)] ImmutableArray<string> Findings,
    [property: Id(3)] AuditTotals Totals);

/// <summary>The sums that an audit compared, so that an operator can compare them with others.</summary>
/// <param name="SoldSeats">The seats that are sold now; those refunded are not among them.</param>
/// <param name="SoldValue">What they were sold for: what was paid and not refunded, but for payments in flight.</param>
/// <param name="Payments">How many payments were made, refunded ones among them.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.AuditTotals")]
public sealed record AuditTotals(
    [property: Id(0)] long Charged,
    [property: Id(1)] long Paid,
    [property: Id(2)] long Refunded,
    [property: Id(3)] long Balances,
    [property: Id(4)] long SoldSeats,
    [property: Id(5)] long SoldValue,
    [property: Id(6)] long Payments);
