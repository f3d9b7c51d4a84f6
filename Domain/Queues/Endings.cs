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

        return [.. Reached(queue, now)
            .Where(token => EndsAt(token, horizon) <= now)
            .OrderBy(token => EndsAt(token, horizon)).ThenBy(token => token.Ticket)
            .Select(token => Of(token, now, horizon))];
    }

    /// <summary>
    /// The tickets that idle by now, if nothing was heard of them that is not known yet: a call keeps them, if the queue hears of it.
    /// </summary>
    public static ImmutableArray<long> Doubtful(QueueState queue, Instant now) =>
        [.. Reached(queue, now).Where(token => Held(token, token.IdleAt) <= now).Select(token => token.Ticket)];

    /// <summary>Those due where everybody who was heard of is known.</summary>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now) => Due(queue, now, now);

    /// <summary>When the next token may end by itself; <see cref="Instant.Never"/> where none will.</summary>
    public static Instant NextAt(QueueState queue) =>
        queue.Wakes.TryPeek(out _, out var first) ? first : Instant.Never;

    /// <summary>Who may have to end by now. They stay so until the end is folded: asking must not change the answer.</summary>
    private static List<Token> Reached(QueueState queue, Instant now)
    {
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

        reached.ForEach(queue.Wake);
        return reached;
    }

    /// <summary>When the token ends for all that is known up to the horizon.</summary>
    private static Instant EndsAt(Token token, Instant horizon)
    {
        var timeOver = token.Status == TokenStatus.Active ? Held(token, token.ExpiresAt!.Value) : Instant.Never;
        return Held(token, token.IdleAt) <= horizon ? Instant.Min(timeOver, Held(token, token.IdleAt)) : timeOver;
    }

    /// <summary>An end, or that of the token's holds where these are later: whom a hold keeps may be heard of until then.</summary>
    private static Instant Held(Token token, Instant end) => Instant.Max(end, Instant.Max(token.PinnedUntil, token.HeldUntil));

    private static Ended Of(Token token, Instant now, Instant horizon)
    {
        var idle = token.Status == TokenStatus.Waiting || (token.IdleAt < token.ExpiresAt && Held(token, token.IdleAt) <= horizon);
        return new(now, token.Ticket, token.UserId, TokenStatus.Expired, idle ? EndReason.Idle : EndReason.Ttl);
    }
}
