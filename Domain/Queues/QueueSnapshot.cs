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
    ImmutableArray<long> EndedInOrder);

/// <summary>Some tokens: those that wait, and the others.</summary>
public sealed record TokensSnapshot(WaitersSnapshot Waiting, ImmutableArray<TokenSnapshot> Others)
{
    internal static TokensSnapshot Of(TokenBlock block)
    {
        var waiting = block.Tokens().Where(token => token.Status == TokenStatus.Waiting).ToArray();
        return new(
            new(
                [.. waiting.Select(token => token.Ticket)],
                [.. waiting.Select(token => token.UserId)],
                [.. waiting.Select(token => token.Nonce)],
                [.. waiting.Select(token => token.IssuedAt.Milliseconds)]),
            [.. block.Tokens().Where(token => token.Status != TokenStatus.Waiting).Select(TokenSnapshot.Of)]);
    }
}

/// <summary>
/// WAITING tokens by ticket, in columns of one length: a million are read in a fraction of the time. Times are milliseconds since the
/// Unix epoch.
/// </summary>
public sealed record WaitersSnapshot(
    ImmutableArray<long> Tickets, ImmutableArray<string> UserIds, ImmutableArray<uint> Nonces, ImmutableArray<long> IssuedAt);

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

    internal Admission ToAdmission() => new()
    {
        ActivatedAt = ActivatedAt ?? Instant.Epoch,
        ExpiresAt = ExpiresAt ?? Instant.Epoch,
        PinnedUntil = PinnedUntil ?? Instant.Epoch,
        EndedAt = EndedAt ?? Instant.Epoch,
        Reason = Reason ?? EndReason.Paid,
        PaymentId = PaymentId,
    };
}
