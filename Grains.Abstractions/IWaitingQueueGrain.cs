using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>One waiting queue, by its id: who waits in which order, who is ACTIVE, who has ended lately.</summary>
[Alias("OrleansConcert.IWaitingQueueGrain")]
public interface IWaitingQueueGrain : IGrainWithStringKey
{
    /// <summary>
    /// Gives the user a place. Who has one gets it again (status 200), a new token for it or a new place at the end, as the policy
    /// says. Durable when answered.
    /// </summary>
    [Alias("Join")]
    Task<Answer<TokenView>> Join(string userId, Repeat? repeat);

    /// <summary>As <see cref="Join"/>, for a user who gives the live holds of that ticket up for a new place.</summary>
    [Alias("Rejoin")]
    Task<Answer<TokenView>> Rejoin(string userId, long ticket, Repeat? repeat);

    /// <summary>The ticket of the user's live place, or 0 where there is none.</summary>
    [Alias("TicketOf")]
    Task<long> TicketOf(string userId);

    /// <summary>The bearer's token as it is now, or null where this queue does not know it. Counts as activity.</summary>
    [Alias("Look")]
    Task<TokenSight?> Look(long ticket, uint nonce);

    /// <summary>
    /// What has become durable since the board that a host has, for its copy of it; and takes over whom the host has answered from
    /// that.
    /// </summary>
    [Alias("Board")]
    Task<BoardNews> Board(BoardAsk ask);

    /// <summary>
    /// Allows an ACTIVE token to take seats: from now until the permit's end the token does not end by itself.
    /// </summary>
    [Alias("Permit")]
    Task<Answer<Permit>> Permit(long ticket, TimeSpan holdTtl);

    /// <summary>The token has no live hold any more. Idempotent.</summary>
    [Alias("Unpin")]
    Task Unpin(long ticket);

    /// <summary>Ends the token because its owner leaves.</summary>
    [Alias("Leave")]
    Task<Answer<TokenView>> Leave(long ticket);

    /// <summary>Ends the token because an operator says so, and says why.</summary>
    [Alias("End")]
    Task<Answer<TokenView>> End(long ticket, string why, Repeat? repeat);

    /// <summary>Why the token has ended, or null where it lives or is not known.</summary>
    [Alias("EndOf")]
    Task<EndReason?> EndOf(long ticket);

    /// <summary>Ends the token because its purchase is paid. Idempotent; durable when answered.</summary>
    [Alias("Complete")]
    Task Complete(long ticket, string paymentId);

    /// <summary>Tells, after a restart, of a hold that lasts until then: the token does not end by itself before it.</summary>
    /// <returns>Why the token has ended, or null where it lives or is not known. Durable when answered.</returns>
    [Alias("Held")]
    Task<EndReason?> Held(long ticket, Instant until);

    /// <summary>The queue with its figures, or a refusal where there is none.</summary>
    [Alias("Get")]
    Task<Answer<QueueView>> Get();

    /// <summary>Opens the queue or changes its policy. The policy is within its bounds.</summary>
    [Alias("Put")]
    Task<QueueView> Put(string preset, QueuePolicy policy);

    /// <summary>Pauses, drains, resumes.</summary>
    [Alias("SetMode")]
    Task<Answer<QueueView>> SetMode(QueueMode mode, Repeat? repeat);

    /// <summary>Starts the grain where it has unfinished work.</summary>
    [Alias("Wake")]
    Task Wake();
}

/// <summary>A token as its bearer sees it, and what its queue lets it do.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.TokenSight")]
public sealed record TokenSight(
    [property: Id(0)] TokenView Token,
    [property: Id(1)] string? PaymentId,
    [property: Id(2)] WalletGate WalletGate,
    [property: Id(3)] BrowseGate BrowseGate);

/// <summary>Leave to take seats until an instant.</summary>
/// <param name="Serial">Which permit of its token it is: the end of an older one's holds must not end a newer one.</param>
/// <param name="IsFirst">Whether nothing else kept the token when it was given.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Permit")]
public sealed record Permit([property: Id(0)] Instant Until, [property: Id(1)] long Serial, [property: Id(2)] bool IsFirst);
