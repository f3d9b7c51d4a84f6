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

    /// <summary>
    /// The next place for a user who has none; for one who has, what the policy says. While the queue drains nobody is given a new
    /// place, and under <see cref="Reissue.Requeue"/> too who has one keeps it: ended, it could not be got again.
    /// </summary>
    /// <param name="givenUp">The ticket whose live holds the user gives up for a new place; 0 for none.</param>
    public static Decision<QueueEvent> Join(QueueState queue, string userId, long givenUp, uint nonce, Instant now)
    {
        if (queue.Policy is not { } policy)
        {
            return Refuse(QueueRefusal.QueueNotFound);
        }

        var drains = queue.Mode == QueueMode.Draining;
        var joined = new Joined(now, queue.LastTicket + 1, userId, nonce);
        return queue.LiveOf(userId) switch
        {
            null when drains => Refuse(QueueRefusal.QueueClosed, queue.ChangedAt),
            null => Decision<QueueEvent>.Yes(joined),
            { } token => policy.Reissue switch
            {
                Reissue.RotateInPlace => Decision<QueueEvent>.Yes(new Rotated(now, token.Ticket, userId, nonce)),
                Reissue.Requeue when !drains => token.Ticket != givenUp && token.IsHeldAt(now)
                    ? Refuse(QueueRefusal.HasLiveHold, token.ChangedAt)
                    : Decision<QueueEvent>.Yes(
                        new Ended(now, token.Ticket, userId, TokenStatus.Expired, EndReason.Requeued), joined),
                Reissue.Requeue or Reissue.ReturnExisting => Decision<QueueEvent>.Already(token.ChangedAt),
            },
        };
    }

    /// <summary>
    /// Allows an ACTIVE token to take seats for <paramref name="holdTtl"/>: from then on it does not end before the hold. That is
    /// journaled only where it could otherwise end first, be it by a rejoin; the caller notes the rest in memory.
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
        var policy = queue.Policy!;
        var endsFirst = token.ExpiresAt < until || policy.ActiveIdleTimeout < holdTtl || policy.Reissue == Reissue.Requeue;
        return endsFirst && token.PinnedUntil < until
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

    /// <summary>An operator ends it, and says why; it is CANCELLED, as if its owner had left.</summary>
    public static Decision<QueueEvent> End(QueueState queue, long ticket, string why, Instant now) => queue switch
    {
        { Policy: null } => Refuse(QueueRefusal.QueueNotFound),
        _ => Known(queue, ticket, now) switch
        {
            { IsLive: true } token =>
                Decision<QueueEvent>.Yes(new Ended(now, ticket, token.UserId, TokenStatus.Cancelled, EndReason.Admin, Why: why)),
            var gone => Refuse(QueueRefusal.NotInQueue, gone?.ChangedAt ?? 0),
        },
    };

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

    /// <summary>Since when that token is void because its place has another one; null where it is not, or no longer known.</summary>
    public static Instant? RotatedAt(QueueState queue, long ticket, uint nonce, Instant now) =>
        queue.Find(ticket)?.Nonce != nonce && queue.RotatedAt(ticket, nonce) is { } at && at + QueueState.EndedKnownFor > now ? at : null;

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
