namespace OrleansConcert.Domain.Queues;

/// <summary>
/// The rules of a place in the queue: join, permit, leave, complete. Before any of them is asked, the endings due by now
/// (<see cref="Endings.Due"/>) are folded, so that a token whose time is over is gone for every rule alike.
/// </summary>
public static class Queueing
{
    /// <summary>
    /// How much longer a permit lasts than the hold it is for, so that a hold decided a little later still ends before it.
    /// </summary>
    public static readonly TimeSpan PermitSlack = TimeSpan.FromSeconds(2);

    /// <summary>The next place for a user who has none; who has one keeps it, also while the queue drains.</summary>
    public static Decision<QueueEvent> Join(QueueState queue, string userId, uint nonce, Instant now)
    {
        if (queue.Policy is null)
        {
            return Refuse(QueueRefusal.QueueNotFound);
        }

        if (queue.LiveOf(userId) is { } token)
        {
            return Decision<QueueEvent>.Already(token.ChangedAt);
        }

        return queue.Mode == QueueMode.Draining
            ? Refuse(QueueRefusal.QueueClosed, queue.ChangedAt)
            : Decision<QueueEvent>.Yes(new Joined(now, queue.LastTicket + 1, userId, nonce));
    }

    /// <summary>
    /// Allows an ACTIVE token to take seats for <paramref name="holdTtl"/>: from then on it does not end before the hold. That is
    /// journaled only where it could otherwise end first; the caller notes the rest in memory.
    /// </summary>
    public static Decision<QueueEvent> Permit(QueueState queue, long ticket, TimeSpan holdTtl, Instant now)
    {
        if (Known(queue, ticket, now) is not { } token)
        {
            return Refuse(QueueRefusal.NotInQueue);
        }

        if (token.Status == TokenStatus.Waiting)
        {
            var refusal = Refusal(token, QueueRefusal.TokenNotActive) with { Position = queue.Line.Ahead(ticket) + 1 };
            return Decision<QueueEvent>.No(refusal, token.ChangedAt);
        }

        if (token.Status != TokenStatus.Active || token.ExpiresAt <= now)
        {
            return Refuse(token, QueueRefusal.TokenEnded);
        }

        var until = PermitUntil(holdTtl, now);
        var idles = queue.Policy!.ActiveIdleTimeout < holdTtl;
        return (token.ExpiresAt < until || idles) && token.PinnedUntil < until
            ? Decision<QueueEvent>.Yes(new Pinned(now, ticket, until))
            : Decision<QueueEvent>.Already(token.ChangedAt);
    }

    /// <summary>Until when a permit given now lasts.</summary>
    public static Instant PermitUntil(TimeSpan holdTtl, Instant now) => now + holdTtl + PermitSlack;

    /// <summary>The token has no live hold any more: it ends when its own time does.</summary>
    public static Decision<QueueEvent> Unpin(QueueState queue, long ticket, Instant now) =>
        queue.Find(ticket) is { Status: TokenStatus.Active } token && token.PinnedUntil > now
            ? Decision<QueueEvent>.Yes(new Pinned(now, ticket, now))
            : Decision<QueueEvent>.Already(0);

    /// <summary>Its owner gives the place up.</summary>
    public static Decision<QueueEvent> Leave(QueueState queue, long ticket, Instant now)
    {
        if (Known(queue, ticket, now) is not { } token)
        {
            return Refuse(QueueRefusal.NotInQueue);
        }

        return token.IsLive
            ? Decision<QueueEvent>.Yes(new Ended(now, ticket, token.UserId, TokenStatus.Cancelled, EndReason.Left))
            : Refuse(token, QueueRefusal.TokenEnded);
    }

    /// <summary>Its purchase is paid. A payment that was in flight makes even an ended token DONE; asked again, nothing happens.</summary>
    public static Decision<QueueEvent> Complete(QueueState queue, long ticket, string paymentId, Instant now) =>
        Known(queue, ticket, now) switch
        {
            null => Decision<QueueEvent>.Already(0),
            { Status: TokenStatus.Done } done => Decision<QueueEvent>.Already(done.ChangedAt),
            { } token => Decision<QueueEvent>.Yes(
                new Ended(now, ticket, token.UserId, TokenStatus.Done, EndReason.Paid, paymentId)),
        };

    /// <summary>The token of that ticket, or null where it was never issued here or ended too long ago.</summary>
    public static Token? Known(QueueState queue, long ticket, Instant now) =>
        queue.Find(ticket) is { } token && (token.IsLive || token.EndedAt + QueueState.EndedKnownFor > now) ? token : null;

    private static Decision<QueueEvent> Refuse(QueueRefusal reason, long shows = 0) =>
        Decision<QueueEvent>.No(new QueueRefused(reason), shows);

    private static Decision<QueueEvent> Refuse(Token token, QueueRefusal reason) =>
        Decision<QueueEvent>.No(Refusal(token, reason), token.ChangedAt);

    private static QueueRefused Refusal(Token token, QueueRefusal reason) => new(reason)
    {
        TokenStatus = token.Status,
        EndReason = token.Reason ?? (reason == QueueRefusal.TokenEnded ? EndReason.Ttl : null),
        EndedAt = token.EndedAt ?? token.ExpiresAt,
        With = new() { PaymentId = token.PaymentId },
    };
}
