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
        if (NextAt(queue) > now)
        {
            return [];
        }

        var due = Reached(queue, now)
            .Where(token => EndsAt(token, horizon) <= now)
            .OrderBy(token => EndsAt(token, horizon)).ThenBy(token => token.Ticket)
            .Take(AtOnce).ToList();
        if (asked is { IsLive: true } && EndsAt(asked, horizon) <= now && due.TrueForAll(token => token.Ticket != asked.Ticket))
        {
            due.Add(asked);
        }

        return [.. due.Select(token => Of(token, now, horizon))];
    }

    /// <summary>Those due where everybody who was heard of is known.</summary>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now, Token? asked = null) => Due(queue, now, now, asked);

    /// <summary>
    /// The tickets that idle by now, if nothing was heard of them that is not known yet: a call keeps them, if the queue hears of it.
    /// </summary>
    public static ImmutableArray<long> Doubtful(QueueState queue, Instant now) => NextAt(queue) > now
        ? []
        : [.. queue.Ending(now, int.MaxValue).SelectMany(ending => ending).Where(token => Idles(token, now)).Select(token => token.Ticket)];

    /// <summary>Whether somebody would have to end as idle if nothing was heard of them; of very many the first are looked at.</summary>
    public static bool IsDoubtful(QueueState queue, Instant now) =>
        NextAt(queue) <= now && Reached(queue, now).Exists(token => Idles(token, now));

    /// <summary>To be called once those due by now are folded: finds out when to look next.</summary>
    public static void Folded(QueueState queue, Instant now) => queue.LookAgain(now, BlocksAtOnce);

    /// <summary>
    /// When the next token may end by itself; <see cref="Instant.Never"/> where none will. It may be early, and is past while more
    /// are due than end at once.
    /// </summary>
    public static Instant NextAt(QueueState queue) => queue.NextLook;

    /// <summary>Who may have to end by now.</summary>
    private static List<Token> Reached(QueueState queue, Instant now)
    {
        var reached = new List<Token>();
        foreach (var ending in queue.Ending(now, BlocksAtOnce).TakeWhile(_ => reached.Count < AtOnce))
        {
            reached.AddRange(ending);
        }

        return reached;
    }

    private static bool Idles(Token token, Instant now) => Held(token, token.IdleAt) <= now;

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
