namespace OrleansConcert.Domain.Queues;

/// <summary>The endings that come by the clock: the end of a token's time, and idleness.</summary>
public static class Endings
{
    /// <summary>
    /// The tokens that have ended by themselves by <paramref name="now"/>, earliest first: those past <see cref="Token.EndsAt"/>.
    /// </summary>
    /// <remarks>Costs O(log n) a deadline reached, whatever the number that wait.</remarks>
    /// <param name="horizon">Up to when it is known who was heard of: who idles later may have been heard of since.</param>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now, Instant horizon)
    {
        if (NextAt(queue) > now)
        {
            return [];
        }

        var reached = new List<Token>();
        while (queue.Wakes.TryPeek(out var ticket, out var wakeAt) && wakeAt <= now)
        {
            queue.Wakes.Dequeue();
            if (queue.Find(ticket) is { IsLive: true } token && token.WakeAt == wakeAt)
            {
                token.WakeAt = Instant.Never;
                reached.Add(token);
            }
        }

        // They stay due until the end is folded: asking must not change the answer.
        reached.ForEach(queue.Wake);
        return [.. reached
            .Where(token => EndsAt(token, horizon) <= now)
            .OrderBy(token => token.EndsAt).ThenBy(token => token.Ticket)
            .Select(token => Of(token, now, horizon))];
    }

    /// <summary>Those due where everybody who was heard of is known.</summary>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now) => Due(queue, now, now);

    /// <summary>When the next token may end by itself; <see cref="Instant.Never"/> where none will.</summary>
    public static Instant NextAt(QueueState queue) =>
        queue.Wakes.TryPeek(out _, out var first) ? first : Instant.Never;

    /// <summary>When the token ends for all that is known up to the horizon.</summary>
    private static Instant EndsAt(Token token, Instant horizon) => token switch
    {
        { IdleAt: var idleAt } when idleAt <= horizon => token.EndsAt,
        { Status: TokenStatus.Active } => Instant.Max(token.ExpiresAt!.Value, Instant.Max(token.PinnedUntil, token.HeldUntil)),
        _ => Instant.Never,
    };

    private static Ended Of(Token token, Instant now, Instant horizon)
    {
        var idle = token.Status == TokenStatus.Waiting || (token.IdleAt <= horizon && token.IdleAt < token.ExpiresAt);
        return new(now, token.Ticket, token.UserId, TokenStatus.Expired, idle ? EndReason.Idle : EndReason.Ttl);
    }
}
