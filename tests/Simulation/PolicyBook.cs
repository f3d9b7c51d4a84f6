namespace OrleansConcert.Simulation;

/// <summary>What policies and answers promise to single users and tokens, from the events alone.</summary>
/// <param name="isEndAskedFor">Whether somebody asked for that end of a place.</param>
internal sealed class PolicyBook(Func<Ended, bool> isEndAskedFor)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, SalePolicy> _sales = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Schedule, string UserId), int> _kept = [];
    private readonly Dictionary<string, SeatsHeld> _holds = new(StringComparer.Ordinal);
    private readonly SortedSet<long> _waiting = [];
    private readonly Dictionary<long, Instant> _expiry = [];
    private readonly HashSet<long> _done = [];
    private readonly HashSet<long> _keptAlive = [];
    private readonly Dictionary<string, Instant> _givenBack = new(StringComparer.Ordinal);
    private readonly HashSet<string> _begunToPay = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Instant> _givenUp = [];
    private readonly List<string> _late = [];
    private readonly HashSet<string> _voided = new(StringComparer.Ordinal);
    private readonly List<string> _findings = [];
    private readonly Dictionary<long, Instant> _heard = [];
    private readonly List<(Instant Until, TimeSpan Idle)> _idles = [(Instant.Never, TimeSpan.MaxValue)];
    private bool _drains;

    /// <summary>What was not kept.</summary>
    public IReadOnlyList<string> Findings => _findings;

    /// <summary>What ended long after its time: nothing does where nothing goes wrong.</summary>
    public IReadOnlyList<string> Late => _late;

    /// <summary>A live token was shown to its owner, no sooner than then.</summary>
    public void Heard(long ticket, Instant at) => _heard[ticket] = at;

    /// <summary>A process starts: its clock is its own, and everybody counts as heard of.</summary>
    public void Start() => _heard.Clear();

    public void Observe(string schedule, SeatEvent happened)
    {
        switch (happened)
        {
            case ScheduleOpened opened:
                _sales[schedule] = opened.Definition.Policy;
                break;
            case SeatsHeld held:
                _holds[held.ReservationId] = held;
                _keptAlive.Add(held.Ticket);
                Keep(schedule, held);
                break;
            case HoldReleased released:
                InTimeWhereGivenUp(released.ReservationId, released.At);
                Return(schedule, released.ReservationId);
                break;
            case PaymentStarted started:
                _begunToPay.Add(started.ReservationId);
                break;
            case PaymentAborted aborted:
                _givenBack[aborted.ReservationId] = aborted.At;
                break;
            case HoldLapsed lapsed:
                var due = Instant.Max(_holds[lapsed.ReservationId].ExpiresAt, _givenBack.GetValueOrDefault(lapsed.ReservationId));
                Time(lapsed.At, due, s_soon, lapsed.ReservationId);
                InTimeWhereGivenUp(lapsed.ReservationId, lapsed.At);
                Return(schedule, lapsed.ReservationId);
                break;
            case PaymentRefunded refunded:
                Return(schedule, refunded.ReservationId);
                break;
            case PaymentSettled settled when _sales[schedule].TokenPerPayment:
                var ticket = _holds[settled.ReservationId].Ticket;
                Find(!_done.Contains(ticket), $"{settled.PaymentId} is settled, and ticket {ticket} is not done");
                break;
        }
    }

    public void Observe(QueueEvent happened)
    {
        switch (happened)
        {
            case QueueOpened opened:
                ChangeIdle(opened.At, opened.Policy);
                break;
            case PolicyChanged changed:
                ChangeIdle(changed.At, changed.Policy);
                break;
            case QueueDraining:
                _drains = true;
                break;
            case QueueResumed or QueuePaused:
                _drains = false;
                break;
            case Joined joined:
                _waiting.Add(joined.Ticket);
                Find(_drains, $"ticket {joined.Ticket} was given while the queue drained");
                break;
            case Admitted admitted:
                foreach (var first in _waiting.TakeWhile(ticket => ticket <= admitted.Through).ToArray())
                {
                    _waiting.Remove(first);
                    _expiry[first] = admitted.ExpiresAt;
                }

                break;
            case Pinned pinned:
                _keptAlive.Add(pinned.Ticket);
                break;
            case Ended ended:
                if (!_waiting.Remove(ended.Ticket) && ended.Reason == EndReason.Ttl && !_keptAlive.Contains(ended.Ticket))
                {
                    // A permit that came to no hold kept it alive meanwhile.
                    var permit = _sales.Values.Max(policy => policy.HoldTtl) + Queueing.PermitSlack;
                    Time(ended.At, _expiry[ended.Ticket], permit + s_soon, $"ticket {ended.Ticket}");
                }

                Find(
                    ended.Reason == EndReason.Ttl && ended.At < _expiry.GetValueOrDefault(ended.Ticket, Instant.Never),
                    $"the time of ticket {ended.Ticket} was over at {ended.At}, before it was");
                if (ended.Status != TokenStatus.Expired || isEndAskedFor(ended))
                {
                    _givenUp.TryAdd(ended.Ticket, ended.At);
                }

                Find(ended.Reason == EndReason.Idle && IsEarly(ended), $"ticket {ended.Ticket} ended as idle at {ended.At}, and was not");
                if (ended.Status == TokenStatus.Done)
                {
                    _done.Add(ended.Ticket);
                }

                break;
        }
    }

    public void Observe(WalletEvent happened)
    {
        switch (happened)
        {
            case DebitVoided voided:
                _voided.Add(voided.PaymentId);
                break;
            case Debited debited:
                Find(_voided.Contains(debited.PaymentId), $"{debited.PaymentId} took money after it was given up");
                break;
        }
    }

    /// <summary>Whether it was heard of more lately than any policy since lets one idle.</summary>
    private bool IsEarly(Ended ended) => _heard.TryGetValue(ended.Ticket, out var heard)
        && ended.At - heard < _idles.Where(idle => idle.Until >= heard).Min(idle => idle.Idle);

    private void ChangeIdle(Instant at, QueuePolicy policy)
    {
        var (waiting, active) = (policy.WaitingIdleTimeout ?? TimeSpan.MaxValue, policy.ActiveIdleTimeout ?? TimeSpan.MaxValue);
        _idles[^1] = (at, _idles[^1].Idle);
        _idles.Add((Instant.Never, waiting < active ? waiting : active));
    }

    private void Keep(string schedule, SeatsHeld held)
    {
        var (policy, owner) = (_sales[schedule], (schedule, held.UserId));
        var kept = _kept[owner] = _kept.GetValueOrDefault(owner) + held.Seats.Length;
        Find(held.Seats.Length > policy.MaxSeatsPerHold, $"{held.ReservationId} took {held.Seats.Length} seats at once");
        Find(kept > policy.MaxSeatsPerUser, $"{held.ReservationId} gave {held.UserId} {kept} seats of {schedule}");
    }

    /// <summary>The holds of a token that somebody ended come back with it; a payment in flight takes its own time.</summary>
    private void InTimeWhereGivenUp(string reservationId, Instant ended)
    {
        var held = _holds[reservationId];
        if (_givenUp.TryGetValue(held.Ticket, out var due) && !_begunToPay.Contains(reservationId))
        {
            Time(ended, due, s_soon, $"{reservationId}, whose token was given up,");
        }
    }

    private void Return(string schedule, string reservationId)
    {
        var held = _holds[reservationId];
        _kept[(schedule, held.UserId)] -= held.Seats.Length;
    }

    private void Time(Instant ended, Instant due, TimeSpan within, string what)
    {
        if (ended - due > within)
        {
            _late.Add($"{what} was over at {due} and ended at {ended}");
        }
    }

    private void Find(bool wrong, string finding)
    {
        if (wrong)
        {
            _findings.Add(finding);
        }
    }
}
