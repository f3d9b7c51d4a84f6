namespace OrleansConcert.Domain.Queues;

/// <summary>Some tokens: those that wait, and the others with what became of them; or some that others took the place of.</summary>
/// <remarks>
/// In columns of one length, and times as milliseconds since the Unix epoch (0 for none): a million tokens are read in a fraction of
/// the time that a million objects take.
/// </remarks>
public sealed record TokensSnapshot(PlacesSnapshot Waiting, PlacesSnapshot Others, AdmissionsSnapshot Admissions)
{
    /// <summary>Those that others took the place of, oldest first; null in a piece without any.</summary>
    public RotationsSnapshot? Rotations { get; init; }

    internal static TokensSnapshot Of(TokenBlock block)
    {
        var others = block.Tokens().Where(token => token.Status != TokenStatus.Waiting).ToArray();
        return new(
            PlacesSnapshot.Of([.. block.Tokens().Where(token => token.Status == TokenStatus.Waiting)]),
            PlacesSnapshot.Of(others),
            AdmissionsSnapshot.Of(others));
    }

    internal static TokensSnapshot Of(RotationSnapshot[] rotations) =>
        new(PlacesSnapshot.Of([]), PlacesSnapshot.Of([]), AdmissionsSnapshot.Of([])) { Rotations = RotationsSnapshot.Of(rotations) };

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

/// <summary>A token as a snapshot has it, whatever the snapshot's form.</summary>
internal readonly record struct KeptToken(
    long Ticket, string UserId, uint Nonce, Instant IssuedAt, TokenStatus Status, Admission? Admission);
