namespace OrleansConcert.Domain.Queues;

/// <summary>What a waiting user is told of the queue: its mode, or that it is open but full.</summary>
public enum QueueOpenness
{
    Open,
    Paused,
    Draining,
    Full,
}

/// <summary>
/// What a queue shows to many: who waits in which order, who is ACTIVE, how fast it goes. A fold of its durable events and of nothing
/// else, so that every host that has the same events shows the same, and what was shown stays so after a crash.
/// </summary>
/// <remarks>
/// It changes by <see cref="Apply(QueueEvent, long)"/> only. Some twelve bytes a waiting token; a place is found without walking the line.
/// </remarks>
public sealed class QueueBoard
{
    private readonly PlacesInLine _places = new();
    private readonly Dictionary<long, ActiveTicket> _active = [];

    /// <summary>The version of the last event folded.</summary>
    public long Version { get; private set; }

    /// <summary>Null while there is no such queue.</summary>
    public QueuePolicy? Policy { get; private set; }

    public QueueMode Mode { get; private set; }

    /// <summary>Who waits.</summary>
    public WaitingLine Line { get; } = new();

    public int ActiveCount => _active.Count;

    /// <summary>What the queue is called for who waits.</summary>
    public QueueOpenness Openness => OpennessOf(Mode, ActiveCount, Policy);

    private AdmissionWindow Window { get; set; }

    private AdmissionPace Pace { get; set; } = new();

    /// <summary>The board of a queue all of whose events are durable.</summary>
    public static QueueBoard Of(QueueState queue, long version)
    {
        var board = new QueueBoard { Version = version, Policy = queue.Policy, Mode = queue.Mode, Window = queue.Window };
        foreach (var token in queue.Tokens())
        {
            board.Take(token);
        }

        return board;
    }

    public static QueueOpenness OpennessOf(QueueMode mode, int active, QueuePolicy? policy) => mode switch
    {
        QueueMode.Paused => QueueOpenness.Paused,
        QueueMode.Draining => QueueOpenness.Draining,
        QueueMode.Open => active >= policy?.MaxActive ? QueueOpenness.Full : QueueOpenness.Open,
    };

    /// <summary>Folds the next event. One that was folded already changes nothing.</summary>
    public void Apply(QueueEvent happened, long version)
    {
        if (version <= Version)
        {
            return;
        }

        Version = version;
        var paced = happened is PolicyChanged or QueuePaused or QueueResumed or Admitted;
        Pace = paced ? Pace.ShownNow(happened.At, Policy!) : Pace;
        switch (happened)
        {
            case QueueOpened opened:
                (Policy, Mode, Window) = (opened.Policy, QueueMode.Open, AdmissionWindow.StartingAt(opened.At));
                break;
            case PolicyChanged changed:
                Window = Window.Under(Policy!.AdmitEvery, changed.Policy.AdmitEvery, changed.At);
                Pace = Pace.Under(Policy, changed.Policy);
                Policy = changed.Policy;
                break;
            case QueuePaused:
                Mode = QueueMode.Paused;
                break;
            case QueueDraining:
                Mode = QueueMode.Draining;
                break;
            case QueueResumed resumed:
                (Mode, Window) = (QueueMode.Open, AdmissionWindow.StartingAt(resumed.At));
                Pace = Pace.Interrupted();
                break;
            case Joined joined:
                Pace = Line.Count == 0 && Pace.Since is not null ? Pace.Interrupted() : Pace;
                Line.Add(joined.Ticket);
                _places.Add(joined.Ticket, joined.Nonce, joined.At);
                break;
            case Admitted admitted:
                Apply(admitted);
                break;
            case Ended ended:
                _ = Line.Remove(ended.Ticket) ? _places.Remove(ended.Ticket) : default;
                _active.Remove(ended.Ticket);
                break;
            case Rotated rotated:
                Apply(rotated);
                break;
            case Pinned:
                break;
            default:
                throw new InvalidOperationException($"A board does not know the event {happened.GetType().Name}.");
        }

        Pace = paced ? Pace.ShownNow(happened.At, Policy!) : Pace;
    }

    /// <summary>The place of a ticket that waits or is ACTIVE; false for any other.</summary>
    public bool TryFind(long ticket, uint nonce, Instant now, out Place place)
    {
        place = default;
        if (Line.Contains(ticket))
        {
            var (itsNonce, issuedAt) = _places.Find(ticket);
            place = Waits(Line.Ahead(ticket) + 1L, ticket, issuedAt, now);
            return itsNonce == nonce;
        }

        if (!_active.TryGetValue(ticket, out var active) || active.Nonce != nonce)
        {
            return false;
        }

        place = new(TokenStatus.Active, 0, 0, Waiting.PollActiveMs, active.IssuedAt, active.ActivatedAt, active.ExpiresAt);
        return true;
    }

    /// <summary>A WAITING token at that position.</summary>
    public Place Waits(long position, long ticket, Instant issuedAt, Instant now) => new(
        TokenStatus.Waiting, position, EstimateMs(position, now), Waiting.PollAfterMs(position, ticket, now), issuedAt, null, null);

    /// <summary>Milliseconds until that position is admitted; null while the queue is paused or where its pace is not known.</summary>
    public long? EstimateMs(long position, Instant now) =>
        Policy is null || Mode == QueueMode.Paused ? null : Pace.EstimateMs(position, Policy, Window, now);

    /// <summary>The board as a value, all but the places in line.</summary>
    public WholeBoard ToWhole() => new(
        Version, Policy, Mode, Window, Pace, TicketSet.Of(Line.FromFront()).Take(), [.. _active.Values]);

    /// <summary>What it knows of the WAITING tickets, from that block on; none where there are no more.</summary>
    /// <param name="count">How many blocks, at the most.</param>
    public ImmutableArray<PlacesBlock> PlacesFrom(long number, int count) => _places.From(number, count);

    /// <summary>A board that does not know its WAITING tickets: <see cref="Lay"/> tells it.</summary>
    public static QueueBoard Of(WholeBoard whole)
    {
        var board = new QueueBoard
        {
            Version = whole.Version,
            Policy = whole.Policy,
            Mode = whole.Mode,
            Window = whole.Window,
            Pace = whole.Pace,
        };
        foreach (var ticket in whole.Waiting.SelectMany(block => block.Tickets()))
        {
            board.Line.Add(ticket);
            board._places.Add(ticket, 0, Instant.Epoch);
        }

        foreach (var active in whole.Active)
        {
            board._active.Add(active.Ticket, active);
        }

        return board;
    }

    /// <summary>
    /// Tells it of some WAITING tickets. That may be younger than the board is: what follows does not change by being folded.
    /// </summary>
    public void Lay(PlacesBlock block) => _places.Lay(block);

    private void Take(Token token)
    {
        if (token.Status == TokenStatus.Waiting)
        {
            Line.Add(token.Ticket);
            _places.Add(token.Ticket, token.Nonce, token.IssuedAt);
        }
        else if (token.Status == TokenStatus.Active)
        {
            _active.Add(
                token.Ticket,
                new(token.Ticket, token.Nonce, token.IssuedAt, token.ActivatedAt!.Value, token.ExpiresAt!.Value));
        }
    }

    private void Apply(Admitted admitted)
    {
        foreach (var ticket in Line.FromFront().TakeWhile(ticket => ticket <= admitted.Through).ToArray())
        {
            Line.Remove(ticket);
            var (nonce, issuedAt) = _places.Remove(ticket);
            _active[ticket] = new(ticket, nonce, issuedAt, admitted.At, admitted.ExpiresAt);
        }

        Pace = Pace.Admitted(admitted.At, admitted.Count, somebodyWaits: Line.Count > 0);
    }

    private void Apply(Rotated rotated)
    {
        if (_active.TryGetValue(rotated.Ticket, out var active))
        {
            _active[rotated.Ticket] = active with { Nonce = rotated.Nonce };
        }
        else if (Line.Contains(rotated.Ticket))
        {
            _places.Set(rotated.Ticket, rotated.Nonce, _places.Find(rotated.Ticket).IssuedAt);
        }
    }
}

/// <summary>A live token as a board shows it.</summary>
/// <param name="Position">0 once ACTIVE, else 1 + the number of WAITING tokens that joined earlier.</param>
/// <param name="EstimatedWaitMs">Null while the queue is paused or where nothing is known.</param>
/// <param name="PollAfterMs">When it is worth asking again: 1,000 to 10,000.</param>
public readonly record struct Place(
    TokenStatus Status,
    long Position,
    long? EstimatedWaitMs,
    int PollAfterMs,
    Instant IssuedAt,
    Instant? ActivatedAt,
    Instant? ExpiresAt);
