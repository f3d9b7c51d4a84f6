using System.Text.Json.Serialization;

namespace OrleansConcert.Domain.Audits;

/// <summary>What an audit trail says that happened, to a seat or to a token.</summary>
public enum TrailEvent
{
    Held,
    Reserved,
    Released,
    Lapsed,
    Paying,
    PaymentAborted,
    Sold,
    Refunded,
    Joined,
    Admitted,
    Ended,
}

/// <summary>One thing that happened: when, what, to whom, and why, in words that can be read out to the one it happened to.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.TrailEntry")]
public sealed record TrailEntry(
    [property: Id(0)] Instant At,
    [property: Id(1)] TrailEvent What,
    [property: Id(2), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? UserId,
    [property: Id(3), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ReservationId,
    [property: Id(4), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PaymentId,
    [property: Id(5), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Why);
