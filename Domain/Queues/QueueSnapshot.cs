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
    /// <summary>The tokens that others took the place of, oldest first.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<RotationSnapshot> Rotations { get; init; }
}

/// <summary>A token that is void because another one was given for its place.</summary>
public sealed record RotationSnapshot(long Ticket, uint Nonce, Instant At);

/// <summary>Some tokens: those that wait, and the others with what became of them.</summary>
/// <remarks>
/// In columns of one length, and times as milliseconds since the Unix epoch (0 for none): a million tokens are read in a fraction of
/// the time that a million objects take.
/// </remarks>
public sealed record TokensSnapshot(PlacesSnapshot Waiting, PlacesSnapshot Others, AdmissionsSnapshot Admissions)
{
    internal static TokensSnapshot Of(TokenBlock block)
    {
        var others = block.Tokens().Where(token => token.Status != TokenStatus.Waiting).ToArray();
        return new(
            PlacesSnapshot.Of([.. block.Tokens().Where(token => token.Status == TokenStatus.Waiting)]),
            PlacesSnapshot.Of(others),
            AdmissionsSnapshot.Of(others));
    }

    /// <summary>The tokens, by ticket among those that wait and among the others.</summary>
    internal IEnumerable<KeptToken> Read()
    {
        for (var index = 0; index < Waiting.Tickets.Length; index++)
        {
            yield return Waiting.Read(index);
        }

        for (var index = 0; index < Others.Tickets.Length; index++)
        {
            yield return Others.Read(index) with { Status = Admissions.Statuses[index], Admission = Admissions.Read(index) };
        }
    }
}

/// <summary>Who has which place, by ticket.</summary>
public sealed record PlacesSnapshot(
    ImmutableArray<long> Tickets, ImmutableArray<string> UserIds, ImmutableArray<uint> Nonces, ImmutableArray<long> IssuedAt)
{
    internal static PlacesSnapshot Of(Token[] tokens) => new(
        [.. tokens.Select(token => token.Ticket)],
        [.. tokens.Select(token => token.UserId)],
        [.. tokens.Select(token => token.Nonce)],
        [.. tokens.Select(token => token.IssuedAt.Milliseconds)]);

    internal KeptToken Read(int index) =>
        new(Tickets[index], UserIds[index], Nonces[index], new(IssuedAt[index]), TokenStatus.Waiting, null);
}

/// <summary>What became of tokens that wait no more.</summary>
public sealed record AdmissionsSnapshot(
    ImmutableArray<TokenStatus> Statuses,
    ImmutableArray<long> ActivatedAt,
    ImmutableArray<long> ExpiresAt,
    ImmutableArray<long> PinnedUntil,
    ImmutableArray<long> EndedAt,
    ImmutableArray<EndReason> Reasons,
    ImmutableArray<string?> PaymentIds)
{
    internal static AdmissionsSnapshot Of(Token[] tokens)
    {
        var admissions = Array.ConvertAll(tokens, token => token.Admission!);
        return new(
            [.. tokens.Select(token => token.Status)],
            [.. admissions.Select(admission => admission.ActivatedAt.Milliseconds)],
            [.. admissions.Select(admission => admission.ExpiresAt.Milliseconds)],
            [.. admissions.Select(admission => admission.PinnedUntil.Milliseconds)],
            [.. admissions.Select(admission => admission.EndedAt.Milliseconds)],
            [.. admissions.Select(admission => admission.Reason)],
            [.. admissions.Select(admission => admission.PaymentId)]);
    }

    internal Admission Read(int index) => new()
    {
        ActivatedAt = new(ActivatedAt[index]),
        ExpiresAt = new(ExpiresAt[index]),
        PinnedUntil = new(PinnedUntil[index]),
        EndedAt = new(EndedAt[index]),
        Reason = Reasons[index],
        PaymentId = PaymentIds[index],
    };
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

/// <summary>A token as a snapshot has it, whatever the snapshot's form.</summary>
internal readonly record struct KeptToken(
    long Ticket, string UserId, uint Nonce, Instant IssuedAt, TokenStatus Status, Admission? Admission);
