namespace OrleansConcert.Domain.Queues;

/// <summary>The endings that come by the clock: the end of a token's time, and idleness.</summary>
public static class Endings
{
    /// <summary>
    /// The tokens that have ended by themselves by <paramref name="now"/>, earliest first: those past <see cref="Token.EndsAt"/>.
    /// </summary>
    /// <remarks>Costs O(log n) a deadline reached, whatever the number that wait.</remarks>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now)
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
            .Where(token => token.EndsAt <= now)
            .OrderBy(token => token.EndsAt).ThenBy(token => token.Ticket)
            .Select(token => Of(token, now))];
    }

    /// <summary>When the next token may end by itself; <see cref="Instant.Never"/> where none will.</summary>
    public static Instant NextAt(QueueState queue) =>
        queue.Wakes.TryPeek(out _, out var first) ? first : Instant.Never;

    private static Ended Of(Token token, Instant now)
    {
        var idle = token.Status == TokenStatus.Waiting || token.IdleAt < token.ExpiresAt;
        return new(now, token.Ticket, token.UserId, TokenStatus.Expired, idle ? EndReason.Idle : EndReason.Ttl);
    }
}
