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

    private readonly Dictionary<long, Token> _tokens = [];
    private readonly Dictionary<string, long> _liveByUser = new(StringComparer.Ordinal);
    private readonly Queue<(long Ticket, Instant EndedAt)> _ended = new();
    private readonly Rotations _rotations = new();

    /// <summary>Null while there is no such queue.</summary>
    public QueuePolicy? Policy { get; private set; }

    public string Preset { get; private set; } = "";

    public QueueMode Mode { get; private set; }

    /// <summary>The version of the last change of policy or mode.</summary>
    public long ChangedAt { get; private set; }

    public long LastTicket { get; private set; }

    public WaitingLine Line { get; } = new();

    public int ActiveCount { get; private set; }

    public QueueTotals Totals { get; private set; } = new();

    /// <summary>Where the windows of admission are, and how much of the present one is used.</summary>
    internal AdmissionWindow Window { get; private set; }

    /// <summary>Which live token may have to end when. An entry may be early or stale, never late.</summary>
    internal PriorityQueue<long, Instant> Wakes { get; } = new();

    /// <summary>The token of that ticket if it is live or ended within <see cref="EndedKnownFor"/>, else null.</summary>
    public Token? Find(long ticket) => _tokens.GetValueOrDefault(ticket);

    /// <summary>The live token of that user, or null.</summary>
    public Token? LiveOf(string userId) =>
        _liveByUser.TryGetValue(userId, out var ticket) ? _tokens[ticket] : null;

    /// <summary>When the token of that nonce was replaced by another one for its place, if it was within the last day.</summary>
    public Instant? RotatedAt(long ticket, uint nonce) => _rotations.Find(ticket, nonce);

    /// <summary>Every token known, live ones and lately ended ones, by ticket.</summary>
    public IEnumerable<Token> Tokens() => _tokens.Values.OrderBy(token => token.Ticket);

    /// <summary>Folds one event. <paramref name="version"/> is the event's version in its stream.</summary>
    public void Apply(QueueEvent happened, long version)
    {
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
                var token = _tokens[pinned.Ticket];
                token.Admission!.PinnedUntil = pinned.Until;
                token.ChangedAt = version;
                Wake(token);
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
    }

    /// <summary>Notes that the owner of a live token was heard of. Memory only.</summary>
    public void Touch(Token token, Instant now)
    {
        var timeout = token.Status == TokenStatus.Waiting ? Policy!.WaitingIdleTimeout : Policy!.ActiveIdleTimeout;
        (token.SeenAt, token.IdleAt) = (now, timeout is { } span ? now + span : Instant.Never);
        Wake(token);
    }

    /// <summary>
    /// Notes that the owner of a ticket was heard of at that instant, if the token is live and nothing was heard since. Memory only.
    /// </summary>
    public void Seen(long ticket, Instant at)
    {
        if (Find(ticket) is { IsLive: true } token && at >= token.SeenAt)
        {
            Touch(token, at);
        }
    }

    /// <summary>
    /// Keeps a token alive for a hold, beside those it has, or for none any longer with <see cref="Instant.Epoch"/>. Memory only.
    /// </summary>
    public void Hold(Token token, Instant until)
    {
        token.HeldUntil = until > Instant.Epoch ? Instant.Max(token.HeldUntil, until) : until;
        Wake(token);
    }

    /// <summary>The ACTIVE tokens not pinned to the end of their time or <paramref name="until"/>, and which of both comes first.</summary>
    internal IEnumerable<(Token Token, Instant Until)> ActiveUnpinned(Instant until) => _tokens.Values
        .Where(token => token.Status == TokenStatus.Active)
        .Select(token => (Token: token, Until: Instant.Min(token.ExpiresAt!.Value, until)))
        .Where(pin => pin.Token.PinnedUntil < pin.Until)
        .OrderBy(pin => pin.Token.Ticket);

    /// <summary>Everybody counts as just seen: what a start of the process does.</summary>
    public void TouchAll(Instant now)
    {
        foreach (var token in _tokens.Values)
        {
            if (token.IsLive)
            {
                token.Admission?.OutlivedMemory = true;
                Touch(token, now);
            }
        }
    }

    private void Apply(Joined joined, long version)
    {
        var token = new Token(joined.Ticket, joined.UserId, joined.Nonce, joined.At) { ChangedAt = version };
        _tokens.Add(token.Ticket, token);
        _liveByUser.Add(token.UserId, token.Ticket);
        Line.Add(token.Ticket);
        LastTicket = token.Ticket;
        Touch(token, joined.At);
        Forget(joined.At);
    }

    private void Apply(Admitted admitted, long version)
    {
        var tickets = Line.FromFront().TakeWhile(ticket => ticket <= admitted.Through).ToArray();
        foreach (var ticket in tickets)
        {
            Line.Remove(ticket);
            var token = _tokens[ticket];
            token.Status = TokenStatus.Active;
            token.Admission = new() { ActivatedAt = admitted.At, ExpiresAt = admitted.ExpiresAt };
            token.ChangedAt = version;
            Touch(token, admitted.At);
        }

        ActiveCount += tickets.Length;
        Totals = Totals with { Admitted = Totals.Admitted + tickets.Length };
        Window = Window.After(Policy!.AdmitEvery, admitted.At, tickets.Length);
    }

    private void Apply(Ended ended, long version)
    {
        var token = _tokens[ended.Ticket];
        if (token.Status == TokenStatus.Waiting)
        {
            Line.Remove(token.Ticket);
        }
        else if (token.Status == TokenStatus.Active)
        {
            ActiveCount--;
        }
        else
        {
            // A payment that was in flight turns an end by time into DONE.
            Totals = Totals.With(token.Status, -1);
        }

        if (token.IsLive)
        {
            _liveByUser.Remove(token.UserId);
        }

        if (token.EndedAt != ended.At)
        {
            _ended.Enqueue((token.Ticket, ended.At));
        }

        token.Status = ended.Status;
        token.Admission ??= new();
        (token.Admission.EndedAt, token.Admission.Reason, token.Admission.PaymentId) = (ended.At, ended.Reason, ended.PaymentId);
        token.ChangedAt = version;
        Totals = Totals.With(ended.Status, 1);
        Forget(ended.At);
    }

    private void Apply(Rotated rotated, long version)
    {
        var token = _tokens[rotated.Ticket];
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
                _tokens.Remove(oldest.Ticket);
            }
        }
    }

    /// <summary>Whether the token has not ended again, by a late payment, since.</summary>
    private bool IsLastEnd((long Ticket, Instant EndedAt) end) => _tokens[end.Ticket].EndedAt == end.EndedAt;

    /// <summary>Sees to it that the token is looked at when it may end.</summary>
    internal void Wake(Token token)
    {
        var endsAt = token.EndsAt;
        if (token.IsLive && endsAt < token.WakeAt)
        {
            token.WakeAt = endsAt;
            Wakes.Enqueue(token.Ticket, endsAt);
        }
    }

    /// <summary>The state as a value; the same state always gives the same value.</summary>
    public QueueSnapshot ToSnapshot() => new(
        Policy, Preset, Mode, Window, LastTicket, Totals,
        [.. Tokens().Select(TokenSnapshot.Of)], [.. _ended.Where(IsLastEnd).Select(end => end.Ticket)])
    {
        Rotations = _rotations.ToSnapshot(),
    };

    public static QueueState From(QueueSnapshot snapshot)
    {
        var state = new QueueState
        {
            Policy = snapshot.Policy,
            Preset = snapshot.Preset,
            Mode = snapshot.Mode,
            Window = snapshot.Window,
            LastTicket = snapshot.LastTicket,
            Totals = snapshot.Totals,
        };
        foreach (var token in snapshot.Tokens.Select(kept => kept.ToToken()))
        {
            state._tokens.Add(token.Ticket, token);
            if (token.IsLive)
            {
                state._liveByUser.Add(token.UserId, token.Ticket);
            }

            if (token.Status == TokenStatus.Waiting)
            {
                state.Line.Add(token.Ticket);
            }
            else if (token.Status == TokenStatus.Active)
            {
                state.ActiveCount++;
                state.Wake(token);
            }
        }

        foreach (var ticket in snapshot.EndedInOrder)
        {
            state._ended.Enqueue((ticket, state._tokens[ticket].EndedAt!.Value));
        }

        foreach (var rotation in snapshot.Rotations.IsDefault ? [] : snapshot.Rotations)
        {
            state._rotations.Add(rotation);
        }

        return state;
    }
}
