namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>What a member or an argument of the query is.</summary>
internal enum Kind
{
    UserId,
    Id,
    QueueId,
    ConcertId,
    ScheduleId,
    ReservationId,
    PaymentId,
    SeatId,
    Title,
    Sentence,
    Zone,
    Date,
    Instant,
    Duration,
    Flag,
    Count,
    Amount,
    Price,
    SectionName,
    Roles,
    Seats,
    Limit,
    Cursor,
    Version,
    Available,
    Preset,
    Reissue,
    WalletGate,
    BrowseGate,
    Object,
    Objects,
}

/// <summary>A member of a body, or an argument of a query.</summary>
internal sealed record Member(string Name, Kind Kind, bool Required = false, params Member[] Inner);

/// <summary>One call of the contract: what it takes.</summary>
internal sealed record Operation(string Method, string Path, Gate Gate)
{
    public Member[] Query { get; init; } = [];

    /// <summary>The members of the body; null where the call takes none.</summary>
    public Member[]? Body { get; init; }

    public override string ToString() => $"{Method} {Path}";
}
