namespace OrleansConcert.Domain.Queues;

/// <summary>The endings that come by the clock: the end of a token's time, and idleness.</summary>
public static class Endings
{
    /// <summary>So many end at once, at the most.</summary>
    public const int AtOnce = 1_000;

    /// <summary>So many blocks of tokens are looked through at once, at the most: some of them in vain, for who was heard of since.</summary>
    private const int BlocksAtOnce = 16;

    /// <summary>
    /// The tokens that have ended by themselves by <paramref name="now"/>, earliest first: those past <see cref="Token.EndsAt"/>. Of
    /// very many only the first, and <paramref name="asked"/>.
    /// </summary>
    /// <param name="asked">The token that is about to be decided on: it is over at its instant, however many are before it.</param>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now, Token? asked = null)
    {
        if (NextAt(queue) > now)
        {
            return [];
        }

        var reached = new List<Token>();
        foreach (var ending in queue.Ending(now, BlocksAtOnce).TakeWhile(_ => reached.Count < AtOnce))
        {
            reached.AddRange(ending);
        }

        var due = reached.OrderBy(token => token.EndsAt).ThenBy(token => token.Ticket).Take(AtOnce).ToList();
        if (asked is { IsLive: true } && asked.EndsAt <= now && due.TrueForAll(token => token.Ticket != asked.Ticket))
        {
            due.Add(asked);
        }

        return [.. due.Select(token => Of(token, now))];
    }

    /// <summary>To be called once those due by now are folded: finds out when to look next.</summary>
    public static void Folded(QueueState queue, Instant now) => queue.LookAgain(now, BlocksAtOnce);

    /// <summary>
    /// When the next token may end by itself; <see cref="Instant.Never"/> where none will. It may be early, and is past while more
    /// are due than end at once.
    /// </summary>
    public static Instant NextAt(QueueState queue) => queue.NextLook;

    private static Ended Of(Token token, Instant now)
    {
        var idle = token.Status == TokenStatus.Waiting || token.IdleAt < token.ExpiresAt;
        return new(now, token.Ticket, token.UserId, TokenStatus.Expired, idle ? EndReason.Idle : EndReason.Ttl);
    }
}
