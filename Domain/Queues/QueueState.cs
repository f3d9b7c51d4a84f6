namespace OrleansConcert.Domain.Queues;

/// <summary>Whether a queue takes and admits.</summary>
public enum QueueMode
{
    Open,

    /// <summary>Nobody is admitted.</summary>
    Paused,

    /// <summary>Nobody new may join; waiters are still admitted.</summary>
    Draining,
}

/// <summary>
/// A waiting queue: who waits in which order, who is ACTIVE, who has ended within the last day.
/// </summary>
/// <remarks>
/// Invariants: one live token per user; tickets are admitted in rising order; <see cref="ActiveCount"/> and
/// <see cref="Line"/> agree with the tokens. It changes by <see cref="Apply(QueueEvent, long)"/> only, but for what is kept in
/// memory alone (<see cref="Touch"/>, <see cref="Hold"/>), which no restart needs.
/// </remarks>
public sealed class QueueState
{
    /// <summary>How long an ended token stays known.</summary>
    public static readonly TimeSpan EndedKnownFor = TimeSpan.FromHours(24);

    private readonly TokenBlocks _tokens = new();
    private readonly LiveUsers _live;
    private readonly Queue<(long Ticket, Instant EndedAt)> _ended = new();
    private readonly Rotations _rotations = new();

    public QueueState() => _live = new(_tokens);

    /// <summary>Null while there is no such queue.</summary>
    public QueuePolicy? Policy { get; private set; }

    public string Preset { get; private set; } = "";

    public QueueMode Mode { get; private set; }

    /// <summary>The version of the last change of policy or mode.</summary>
    public long ChangedAt { get; private set; }

    public long LastTicket { get; private set; }

    public WaitingLine Line { get; } = new();

    public int ActiveCount { get; private set; }

    /// <summary>How many tokens are known, live ones and lately ended ones.</summary>
    public int KnownCount => _tokens.Count;

    public QueueTotals Totals { get; private set; } = new();

    /// <summary>Where the windows of admission are, and how much of the present one is used.</summary>
    internal AdmissionWindow Window { get; private set; }

    /// <summary>How fast it admits.</summary>
    internal AdmissionPace Pace { get; private set; } = new();

    /// <summary>The token of that ticket if it is live or ended within <see cref="EndedKnownFor"/>, else null.</summary>
    public Token? Find(long ticket) => _tokens.Find(ticket);

    /// <summary>The live token of that user, or null.</summary>
    public Token? LiveOf(string userId) => _live.Find(userId) is > 0 and var ticket ? _tokens.Find(ticket) : null;

    /// <summary>When the token of that nonce was replaced by another one for its place, if it was within the last day.</summary>
    public Instant? RotatedAt(long ticket, uint nonce) => _rotations.Find(ticket, nonce);

    /// <summary>Every token known, live ones and lately ended ones, by ticket.</summary>
    public IEnumerable<Token> Tokens() => _tokens.Blocks().SelectMany(block => block.Tokens());

    /// <summary>Folds one event. <paramref name="version"/> is the event's version in its stream.</summary>
    public void Apply(QueueEvent happened, long version)
    {
        var (before, waited) = (Policy, Line.Count);
        switch (happened)
        {
            case QueueOpened opened:
                (Policy, Preset, Mode, ChangedAt) = (opened.Policy, opened.Preset, QueueMode.Open, version);
                Window = AdmissionWindow.StartingAt(opened.At);
                break;
            case PolicyChanged changed:
                Window = Window.Under(Policy!.AdmitEvery, changed.Policy.AdmitEvery, changed.At);
                (Policy, Preset, ChangedAt) = (changed.Policy, changed.Preset, version);
                break;
            case QueuePaused:
                (Mode, ChangedAt) = (QueueMode.Paused, version);
                break;
            case QueueDraining:
                (Mode, ChangedAt) = (QueueMode.Draining, version);
                break;
            case QueueResumed resumed:
                (Mode, ChangedAt) = (QueueMode.Open, version);
                Window = AdmissionWindow.StartingAt(resumed.At);
                break;
            case Joined joined:
                Apply(joined, version);
                break;
            case Admitted admitted:
                Apply(admitted, version);
                break;
            case Pinned pinned:
                var token = _tokens.Changing(pinned.Ticket);
                token.Admission = token.Admission! with { PinnedUntil = pinned.Until };
                token.ChangedAt = version;
                Wake(token.Ticket);
                break;
            case Ended ended:
                Apply(ended, version);
                break;
            case Rotated rotated:
                Apply(rotated, version);
                break;
            default:
                throw new InvalidOperationException($"A queue does not know the event {happened.GetType().Name}.");
        }

        Pace = Pace.After(happened, before, Policy, waited, Line.Count);
    }

    /// <summary>Notes that the owner of a live token was heard of. Memory only.</summary>
    public void Touch(Token token, Instant now) => Seen(token.Ticket, now);

    /// <summary>
    /// Notes that the owner of a ticket was heard of at that instant, if the token is live and nothing was heard since. Memory only.
    /// </summary>
    public void Seen(long ticket, Instant at)
    {
        var index = TokenBlocks.IndexOf(ticket);
        if (_tokens.BlockOf(ticket) is { } block && block.IsLive(index) && at >= block.SeenAt[index])
        {
            Seen(block, index, at);
        }
    }

    /// <summary>Keeps an ACTIVE token alive for a hold, beside those it has. Memory only.</summary>
    public void Hold(Token token, Instant until)
    {
        if (token.Status == TokenStatus.Active)
        {
            token.HoldUntil(Instant.Max(token.HeldUntil, until));
            Wake(token.Ticket);
        }
    }

    /// <summary>No hold keeps the token alive any longer than until now. Memory only.</summary>
    public void Release(Token token, Instant now)
    {
        token.HoldUntil(Instant.Min(token.HeldUntil, now));
        Wake(token.Ticket);
    }

    /// <summary>The ACTIVE tokens not pinned to the end of their time or <paramref name="until"/>, and which of both comes first.</summary>
    internal IEnumerable<(Token Token, Instant Until)> ActiveUnpinned(Instant until) => Tokens()
        .Where(token => token.Status == TokenStatus.Active)
        .Select(token => (Token: token, Until: Instant.Min(token.ExpiresAt!.Value, until)))
        .Where(pin => pin.Token.PinnedUntil < pin.Until);

    /// <summary>Everybody counts as just seen: what a start of the process does.</summary>
    public void TouchAll(Instant now)
    {
        foreach (var block in _tokens.Blocks())
        {
            for (var index = 0; index < TokenBlock.Size; index++)
            {
                if (block.IsLive(index))
                {
                    block.AdmissionOf(index)?.OutlivedMemory = true;
                    Seen(block, index, now);
                }
            }
        }
    }

    /// <summary>The live tokens of the blocks looked at next that come to that end until then.</summary>
    internal IEnumerable<IEnumerable<Token>> Ending(ClockEnd end, Instant until, int blocks) =>
        _tokens.Reached(end, until, blocks).Select(block => block.Ending(end, until));

    /// <summary>The tickets of all live tokens that come to that end until then.</summary>
    internal ImmutableArray<TicketBlock> TicketsEnding(ClockEnd end, Instant until) =>
        [.. _tokens.Reached(end, until, int.MaxValue).Select(block => block.TicketsEnding(end, until))];

    /// <inheritdoc cref="TokenBlocks.NextLook"/>
    internal Instant NextLook(ClockEnd end) => _tokens.NextLook(end);

    internal void LookAgain(ClockEnd end, Instant until, int blocks) => _tokens.LookAgain(end, until, blocks);

    private void Apply(Joined joined, long version)
    {
        Wait(joined.Ticket, joined.UserId, joined.Nonce, joined.At).ChangedAt = version;
        LastTicket = joined.Ticket;
        Seen(joined.Ticket, joined.At);
        Forget(joined.At);
    }

    private void Apply(Admitted admitted, long version)
    {
        var tickets = Line.FromFront().TakeWhile(ticket => ticket <= admitted.Through).ToArray();
        foreach (var ticket in tickets)
        {
            Line.Remove(ticket);
            var token = _tokens.Changing(ticket);
            token.Admission = new() { ActivatedAt = admitted.At, ExpiresAt = admitted.ExpiresAt };
            token.Status = TokenStatus.Active;
            token.ChangedAt = version;
            Touch(token, admitted.At);
        }

        ActiveCount += tickets.Length;
        Totals = Totals with { Admitted = Totals.Admitted + tickets.Length };
        Window = Window.After(Policy!.AdmitEvery, admitted.At, tickets.Length);
    }

    private void Apply(Ended ended, long version)
    {
        var token = _tokens.Changing(ended.Ticket);
        if (token.Status == TokenStatus.Waiting)
        {
            Line.Remove(token.Ticket);
        }
        else if (token.Status == TokenStatus.Active)
        {
            ActiveCount--;
            token.HoldUntil(Instant.Epoch);
        }
        else
        {
            // A payment that was in flight turns an end by time into DONE.
            Totals = Totals.With(token.Status, -1);
        }

        if (token.IsLive)
        {
            _live.Remove(token.Ticket);
        }

        if (token.EndedAt != ended.At)
        {
            _ended.Enqueue((token.Ticket, ended.At));
        }

        token.Admission = (token.Admission ?? new()) with { EndedAt = ended.At, Reason = ended.Reason, PaymentId = ended.PaymentId };
        token.Status = ended.Status;
        token.ChangedAt = version;
        Totals = Totals.With(ended.Status, 1);
        Forget(ended.At);
    }

    private void Apply(Rotated rotated, long version)
    {
        var token = _tokens.Changing(rotated.Ticket);
        _rotations.Add(new(token.Ticket, token.Nonce, rotated.At));
        (token.Nonce, token.ChangedAt) = (rotated.Nonce, version);
        Touch(token, rotated.At);
        Forget(rotated.At);
    }

    /// <summary>By the instants of events alone, so that a replay forgets the same.</summary>
    private void Forget(Instant at)
    {
        _rotations.Forget(at - EndedKnownFor);
        while (_ended.TryPeek(out var oldest) && oldest.EndedAt + EndedKnownFor <= at)
        {
            _ended.Dequeue();
            if (IsLastEnd(oldest))
            {
                _tokens.Forget(oldest.Ticket);
            }
        }
    }

    /// <summary>Whether the token has not ended again, by a late payment, since.</summary>
    private bool IsLastEnd((long Ticket, Instant EndedAt) end) => Find(end.Ticket)!.EndedAt == end.EndedAt;

    private void Seen(TokenBlock block, int index, Instant at)
    {
        var timeout = block.StatusOf(index) == TokenStatus.Waiting ? Policy!.WaitingIdleTimeout : Policy!.ActiveIdleTimeout;
        (block.SeenAt[index], block.IdleAt[index]) = (at, timeout is { } span ? at + span : Instant.Never);
        _tokens.Wake(block, index);
    }

    private void Wake(long ticket) => _tokens.Wake(_tokens.BlockOf(ticket)!, TokenBlocks.IndexOf(ticket));

    /// <summary>The state as a value; the same state always gives the same value.</summary>
    public QueueSnapshot ToSnapshot() =>
        Head() with { Tokens = [.. Tokens().Select(TokenSnapshot.Of)], Rotations = [.. _rotations.Capture()] };

    /// <summary>
    /// The state as it is now, in pieces: all but the tokens, and these so many at a time. They are made when they are asked for, and
    /// are what they were, whatever is folded in between; so all of them are to be asked for.
    /// </summary>
    public (QueueSnapshot Head, IEnumerable<TokensSnapshot> Tokens) Capture() => (
        Head(),
        _tokens.Capture().Select(TokensSnapshot.Of)
            .Concat(_rotations.Capture().Chunk(TokenBlock.Size).Select(TokensSnapshot.Of)));

    /// <param name="pieces">The tokens that are not in the snapshot itself.</param>
    public static QueueState From(QueueSnapshot snapshot, params IEnumerable<TokensSnapshot> pieces)
    {
        var state = new QueueState
        {
            Policy = snapshot.Policy,
            Preset = snapshot.Preset,
            Mode = snapshot.Mode,
            Window = snapshot.Window,
            LastTicket = snapshot.LastTicket,
            Totals = snapshot.Totals,
            Pace = snapshot.Pace ?? new(),
        };
        var ended = new List<(Instant EndedAt, long Ticket)>();
        foreach (var token in snapshot.Tokens)
        {
            Take(token.Read());
        }

        foreach (var rotation in snapshot.Rotations.IsDefault ? [] : snapshot.Rotations)
        {
            state._rotations.Add(rotation);
        }

        foreach (var piece in pieces)
        {
            foreach (var token in piece.Read())
            {
                Take(token);
            }

            foreach (var rotation in piece.Rotations?.Read() ?? [])
            {
                state._rotations.Add(rotation);
            }
        }

        ended.Sort();
        ended.ForEach(end => state._ended.Enqueue((end.Ticket, end.EndedAt)));
        return state;

        void Take(KeptToken kept)
        {
            var (ticket, userId, nonce, issuedAt, status, admission) = kept;
            if (status == TokenStatus.Waiting)
            {
                state.Wait(ticket, userId, nonce, issuedAt);
                return;
            }

            var token = state._tokens.Add(ticket, userId, nonce, issuedAt);
            (token.Admission, token.Status) = (admission, status);
            if (status == TokenStatus.Active)
            {
                state._live.Add(ticket);
                state.ActiveCount++;
                state.Wake(ticket);
            }
            else
            {
                ended.Add((admission!.EndedAt, ticket));
            }
        }
    }

    private QueueSnapshot Head() => new(Policy, Preset, Mode, Window, LastTicket, Totals, [], []) { Pace = Pace };

    /// <summary>Takes in a token at the end of the line.</summary>
    private Token Wait(long ticket, string userId, uint nonce, Instant issuedAt)
    {
        var token = _tokens.Add(ticket, userId, nonce, issuedAt);
        _live.Add(ticket);
        Line.Add(ticket);
        return token;
    }
}
