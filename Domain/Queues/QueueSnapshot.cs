using System.Text.Json.Serialization;

namespace OrleansConcert.Domain.Queues;

/// <summary>A queue's state as a value, for snapshots and for comparing a replay with memory.</summary>
public sealed record QueueSnapshot(
    QueuePolicy? Policy,
    string Preset,
    QueueMode Mode,
    AdmissionWindow Window,
    long LastTicket,
    QueueTotals Totals,
    ImmutableArray<TokenSnapshot> Tokens,
    ImmutableArray<long> EndedInOrder)
{
    /// <summary>The tokens that others took the place of, oldest first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<RotationSnapshot> Rotations { get; init; }
}

/// <summary>A token that is void because another one was given for its place.</summary>
public sealed record RotationSnapshot(long Ticket, uint Nonce, Instant At);

/// <summary>A token as a value.</summary>
public sealed record TokenSnapshot(
    long Ticket,
    string UserId,
    uint Nonce,
    Instant IssuedAt,
    TokenStatus Status,
    Instant? ActivatedAt,
    Instant? ExpiresAt,
    Instant? PinnedUntil,
    Instant? EndedAt,
    EndReason? Reason,
    string? PaymentId)
{
    internal static TokenSnapshot Of(Token token) => new(
        token.Ticket, token.UserId, token.Nonce, token.IssuedAt, token.Status, token.ActivatedAt, token.ExpiresAt,
        token.PinnedUntil > Instant.Epoch ? token.PinnedUntil : null, token.EndedAt, token.Reason, token.PaymentId);

    internal Token ToToken() => new(Ticket, UserId, Nonce, IssuedAt)
    {
        Status = Status,
        Admission = Status == TokenStatus.Waiting
            ? null
            : new()
            {
                ActivatedAt = ActivatedAt ?? Instant.Epoch,
                ExpiresAt = ExpiresAt ?? Instant.Epoch,
                PinnedUntil = PinnedUntil ?? Instant.Epoch,
                EndedAt = EndedAt ?? Instant.Epoch,
                Reason = Reason ?? EndReason.Paid,
                PaymentId = PaymentId,
            },
    };
}
