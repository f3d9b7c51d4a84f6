namespace OrleansConcert.Domain.Queues;

/// <summary>The endings that come by the clock: the end of a token's time, and idleness.</summary>
public static class Endings
{
    /// <summary>So many end at once, at the most.</summary>
    public const int AtOnce = 1_000;

    /// <summary>So many blocks of tokens are looked through at once, at the most: some in vain, for those heard of since.</summary>
    private const int BlocksAtOnce = 16;

    /// <summary>
    /// The tokens that have ended by themselves by <paramref name="now"/>, earliest first: those past <see cref="Token.EndsAt"/>. Of
    /// very many only the first, and <paramref name="asked"/>.
    /// </summary>
    /// <param name="horizon">Up to when it is known who was heard of: who idles later may have been heard of since.</param>
    /// <param name="asked">The token that is about to be decided on: it is over at its instant, however many are before it.</param>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now, Instant horizon, Token? asked = null)
    {
        if (NextTimeOverAt(queue) > now && NextIdleAt(queue) > horizon)
        {
            return [];
        }

        var due = Reached(queue, ClockEnd.TimeOver, now).Concat(Reached(queue, ClockEnd.Idle, horizon))
            .DistinctBy(token => token.Ticket)
            .OrderBy(token => EndsAt(token, horizon)).ThenBy(token => token.Ticket)
            .Take(AtOnce).ToList();
        if (asked is { IsLive: true } && EndsAt(asked, horizon) <= now && due.TrueForAll(token => token.Ticket != asked.Ticket))
        {
            due.Add(asked);
        }

        return [.. due.Select(token => Of(token, now, horizon))];
    }

    /// <summary>
    /// The tickets that idle by now, if nothing was heard of them that is not known yet: a call keeps them, if the queue hears of it.
    /// </summary>
    public static ImmutableArray<TicketBlock> Doubtful(QueueState queue, Instant now)
    {
        // Those heard of since are left out of the next list without a look.
        queue.LookAgain(ClockEnd.Idle, now, int.MaxValue);
        return queue.TicketsEnding(ClockEnd.Idle, now);
    }

    /// <summary>To be called once those due by now are folded: finds out when to look next.</summary>
    public static void Folded(QueueState queue, Instant now, Instant horizon)
    {
        queue.LookAgain(ClockEnd.TimeOver, now, BlocksAtOnce);
        queue.LookAgain(ClockEnd.Idle, horizon, BlocksAtOnce);
    }

    /// <summary>
    /// When the next token's time may be over; <see cref="Instant.Never"/> where no such end will come. It may be early, and is past
    /// while more are due than end at once.
    /// </summary>
    public static Instant NextTimeOverAt(QueueState queue) => queue.NextLook(ClockEnd.TimeOver);

    /// <summary>As <see cref="NextTimeOverAt"/>, of those who idle. It is past also while somebody idles beyond the horizon.</summary>
    public static Instant NextIdleAt(QueueState queue) => queue.NextLook(ClockEnd.Idle);

    /// <summary>Who comes to that end until then.</summary>
    private static List<Token> Reached(QueueState queue, ClockEnd end, Instant until)
    {
        var reached = new List<Token>();
        foreach (var ending in queue.Ending(end, until, BlocksAtOnce).TakeWhile(_ => reached.Count < AtOnce))
        {
            reached.AddRange(ending);
        }

        return reached;
    }

    /// <summary>When the token ends for all that is known up to the horizon.</summary>
    private static Instant EndsAt(Token token, Instant horizon)
    {
        var (timeOver, idle) = (token.ComesTo(ClockEnd.TimeOver), token.ComesTo(ClockEnd.Idle));
        return idle <= horizon ? Instant.Min(timeOver, idle) : timeOver;
    }

    private static Ended Of(Token token, Instant now, Instant horizon)
    {
        var idle = token.Status == TokenStatus.Waiting || (token.IdleAt < token.ExpiresAt && token.ComesTo(ClockEnd.Idle) <= horizon);
        return new(now, token.Ticket, token.UserId, TokenStatus.Expired, idle ? EndReason.Idle : EndReason.Ttl);
    }
}
