using System.Text.Json.Serialization;

namespace OrleansConcert.Domain.Queues;

/// <summary>
/// A queue's state as a value, for snapshots and for comparing a replay with memory. A snapshot has the tokens in further pieces;
/// the first ones had everything in this.
/// </summary>
/// <param name="EndedInOrder">Written by the first ones only: the order is that of the ends.</param>
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
    /// <summary>The tokens that others took the place of, oldest first. A snapshot in pieces has them in pieces, as the tokens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<RotationSnapshot> Rotations { get; init; }

    /// <summary>Null in those made before it was kept.</summary>
    public AdmissionPace? Pace { get; init; }
}

/// <summary>A token that is void because another one was given for its place.</summary>
public sealed record RotationSnapshot(long Ticket, uint Nonce, Instant At);

/// <summary>Some of those, in columns.</summary>
public sealed record RotationsSnapshot(ImmutableArray<long> Tickets, ImmutableArray<uint> Nonces, ImmutableArray<long> At)
{
    internal static RotationsSnapshot Of(RotationSnapshot[] rotations) => new(
        [.. rotations.Select(rotation => rotation.Ticket)],
        [.. rotations.Select(rotation => rotation.Nonce)],
        [.. rotations.Select(rotation => rotation.At.Milliseconds)]);

    internal IEnumerable<RotationSnapshot> Read() =>
        Tickets.Select((ticket, index) => new RotationSnapshot(ticket, Nonces[index], new(At[index])));
}

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

    internal KeptToken Read() => new(Ticket, UserId, Nonce, IssuedAt, Status, Status == TokenStatus.Waiting ? null : new()
    {
        ActivatedAt = ActivatedAt ?? Instant.Epoch,
        ExpiresAt = ExpiresAt ?? Instant.Epoch,
        PinnedUntil = PinnedUntil ?? Instant.Epoch,
        EndedAt = EndedAt ?? Instant.Epoch,
        Reason = Reason ?? EndReason.Paid,
        PaymentId = PaymentId,
    });
}
