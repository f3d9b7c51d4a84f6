namespace OrleansConcert.Domain.Queues;

/// <summary>Why a queue says no, in order of precedence.</summary>
public enum QueueRefusal
{
    /// <summary>There is no such queue.</summary>
    QueueNotFound,

    /// <summary>This queue does not know the ticket (never issued here, or ended more than a day ago).</summary>
    NotInQueue,

    /// <summary>The token has ended. A retry cannot help; joining again can.</summary>
    TokenEnded,

    /// <summary>The token still waits. Worth a retry when its turn has come.</summary>
    TokenNotActive,

    /// <summary>The queue drains: nobody new may join.</summary>
    QueueClosed,

    /// <summary>The user has a place with a live hold, which a new place would cost.</summary>
    HasLiveHold,
}

/// <summary>A queue's refusal; of a token, with that token as it is.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.QueueRefused")]
public sealed record QueueRefused([property: Id(0)] QueueRefusal Reason) : Refused
{
    /// <summary>For the refusals that speak of a token.</summary>
    [Id(1)]
    public TokenStatus? TokenStatus { get; init; }

    [Id(2)]
    public EndReason? EndReason { get; init; }

    [Id(3)]
    public Instant? EndedAt { get; init; }

    /// <summary>For <see cref="QueueRefusal.TokenNotActive"/>.</summary>
    [Id(4)]
    public long? Position { get; init; }
}
