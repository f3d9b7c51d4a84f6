namespace OrleansConcert.Domain.Seats;

/// <summary>What a seat map shows of a seat.</summary>
public enum SeatStatus
{
    Available,
    Held,
    Sold,
}

/// <summary>The seats of one schedule, who has them, and how far each payment is.</summary>
/// <remarks>
/// Invariants: a seat is in at most one reservation that keeps its seats; the counts agree with the seats. It changes by
/// <see cref="Apply"/> only.
/// </remarks>
public sealed class ScheduleState
{
    /// <summary>How long a lapsed or released reservation stays known; one that was paid stays for good, refunded or not.</summary>
    public static readonly TimeSpan EndedKnownFor = TimeSpan.FromHours(24);

    private readonly Dictionary<string, Reservation> _reservations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Reservation>> _byUser = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Reservation> _byPayment = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Reservation> _unsettled = new(StringComparer.Ordinal);
    private readonly Queue<Reservation> _ended = new();
    private readonly PriorityQueue<Reservation, Instant> _deadlines = new();
    private Reservation?[] _seats = [];
    private long[] _seatChangedAt = [];
    private int[] _freeInRow = [];

    /// <summary>Null while there is no such schedule.</summary>
    public ScheduleDefinition? Definition { get; private set; }

    public SeatPlan Plan { get; private set; } = new([]);

    public int AvailableCount { get; private set; }

    public int SoldCount { get; private set; }

    public bool IsSoldOut => Definition is not null && SoldCount == Plan.SeatCount;

    /// <summary>The instant of the last event.</summary>
    public Instant ChangedAt { get; private set; }

    /// <summary>The reservation of that id, or null where it never was or ended too long ago.</summary>
    public Reservation? Find(string reservationId) => _reservations.GetValueOrDefault(reservationId);

    /// <summary>The reservation of a payment that was made, refunded or not; null where none of that id was.</summary>
    public Reservation? FindPayment(string paymentId) => _byPayment.GetValueOrDefault(paymentId);

    /// <summary>The known reservations of a user, oldest first.</summary>
    public IReadOnlyList<Reservation> Of(string userId) => _byUser.TryGetValue(userId, out var list) ? list : [];

    /// <summary>Every reservation known, oldest first; those of one user and one instant in the order in which they were made.</summary>
    public IEnumerable<Reservation> Reservations() => _byUser.Values
        .SelectMany(list => list)
        .OrderBy(reservation => reservation.HeldAt).ThenBy(reservation => reservation.UserId, StringComparer.Ordinal);

    /// <summary>The reservations whose payment or refund is in flight or not settled yet, by payment id.</summary>
    public IEnumerable<Reservation> Unsettled() =>
        _unsettled.Values.OrderBy(reservation => reservation.Payment!.PaymentId, StringComparer.Ordinal);

    /// <summary>Whether something is left to do without anybody asking: a deadline to meet, a payment to finish.</summary>
    public bool HasUnfinishedWork => _unsettled.Count > 0 || AvailableCount + SoldCount < Plan.SeatCount;

    /// <summary>The reservation that has the seat, or null; a lapsed hold may still stand here.</summary>
    public Reservation? HolderOf(int seat) => _seats[seat];

    /// <summary>The version of the seat's last change; 0 where it never changed.</summary>
    public long SeatChangedAt(int seat) => _seatChangedAt[seat];

    /// <summary>How many seats of a row nobody has.</summary>
    public int FreeInRow(int row) => _freeInRow[row];

    public SeatStatus StatusOf(int seat) => _seats[seat] switch
    {
        null => SeatStatus.Available,
        { Status: ReservationStatus.Paid } => SeatStatus.Sold,
        _ => SeatStatus.Held,
    };

    /// <summary>How many seats the user holds, is paying for and owns.</summary>
    public int SeatsOf(string userId, Instant now) =>
        Of(userId).Where(reservation => reservation.KeepsSeatsAt(now)).Sum(reservation => reservation.Seats.Length);

    /// <summary>The version of the newest change of what the user holds, is paying for and owns; 0 where that is nothing.</summary>
    internal long NewestKeptBy(string userId, Instant now) => Of(userId)
        .Where(reservation => reservation.KeepsSeatsAt(now))
        .Select(reservation => reservation.ChangedAt).DefaultIfEmpty().Max();

    /// <summary>Folds one event. <paramref name="version"/> is the event's version in its stream.</summary>
    public void Apply(SeatEvent happened, long version)
    {
        ChangedAt = happened.At;
        switch (happened)
        {
            case ScheduleOpened opened:
                Open(opened.Definition);
                break;
            case SeatsHeld held:
                Add(new Reservation
                {
                    Id = held.ReservationId,
                    UserId = held.UserId,
                    Ticket = held.Ticket,
                    Seats = [.. held.Seats.Select(Plan.IndexOf)],
                    Amount = held.Amount,
                    HeldAt = held.At,
                    ExpiresAt = held.ExpiresAt,
                });
                Stamp(_reservations[held.ReservationId], version);
                break;
            case HoldConfirmed confirmed:
                var confirming = _reservations[confirmed.ReservationId];
                (confirming.Status, confirming.Confirmed) = (ReservationStatus.Reserved, true);
                confirming.ChangedAt = version;
                break;
            case HoldReleased released:
                End(_reservations[released.ReservationId], ReservationStatus.Cancelled, released.At, version);
                break;
            case HoldLapsed lapsed:
                End(_reservations[lapsed.ReservationId], ReservationStatus.Expired, lapsed.At, version);
                break;
            default:
                ApplyToPayment(happened, version);
                break;
        }
    }

    private void ApplyToPayment(SeatEvent happened, long version)
    {
        switch (happened)
        {
            case PaymentStarted started:
                var paying = _reservations[started.ReservationId];
                paying.Status = ReservationStatus.Paying;
                paying.Payment = new(started.PaymentId, started.At, started.Repeat);
                paying.ChangedAt = version;
                _unsettled.Add(started.PaymentId, paying);
                break;
            case PaymentAborted aborted:
                var back = _reservations[aborted.ReservationId];
                back.Status = back.Confirmed ? ReservationStatus.Reserved : ReservationStatus.Held;
                back.Payment = null;
                back.ChangedAt = version;
                _unsettled.Remove(aborted.PaymentId);
                if (back.ExpiresAt <= aborted.At)
                {
                    // The deadline passed meanwhile, and may have been taken off the list.
                    _deadlines.Enqueue(back, back.ExpiresAt);
                }

                break;
            case SeatsSold sold:
                var paid = _reservations[sold.ReservationId];
                paid.Status = ReservationStatus.Paid;
                paid.Payment = paid.Payment! with { PaidAt = sold.At, BalanceAfter = sold.BalanceAfter };
                _byPayment.Add(sold.PaymentId, paid);
                SoldCount += paid.Seats.Length;
                Stamp(paid, version);
                break;
            case PaymentSettled settled:
                var done = _reservations[settled.ReservationId];
                done.Payment = done.Payment! with { Settled = true };
                ForgetWork(done.Payment);
                break;
            default:
                ApplyToRefund(happened, version);
                break;
        }
    }

    private void ApplyToRefund(SeatEvent happened, long version)
    {
        switch (happened)
        {
            case RefundStarted started:
                var refunding = _reservations[started.ReservationId];
                refunding.Payment = refunding.Payment! with
                {
                    Refund = new(started.At, started.By, started.Why, started.Repeat),
                };
                refunding.ChangedAt = version;
                _unsettled[started.PaymentId] = refunding;
                break;
            case PaymentRefunded refunded:
                var back = _reservations[refunded.ReservationId];
                back.Payment = back.Payment! with { Refund = back.Payment.Refund! with { RefundedAt = refunded.RefundedAt } };
                SoldCount -= back.Seats.Length;
                Free(back, ReservationStatus.Refunded, refunded.At, version);
                ForgetWork(back.Payment);
                break;
            default:
                throw new InvalidOperationException($"A schedule does not know the event {happened.GetType().Name}.");
        }
    }

    /// <summary>The holds whose deadline has passed by <paramref name="now"/>, earliest first. Costs O(log n) a deadline.</summary>
    internal ImmutableArray<Reservation> LapsedBy(Instant now)
    {
        if (NextDeadline > now)
        {
            return [];
        }

        var lapsed = new List<Reservation>();
        var seen = new HashSet<Reservation>();
        while (_deadlines.TryPeek(out var reservation, out var deadline) && deadline <= now)
        {
            _deadlines.Dequeue();
            if (reservation.IsHold && seen.Add(reservation))
            {
                lapsed.Add(reservation);
            }
        }

        // They stay due until the lapse is folded: asking must not change the answer.
        foreach (var reservation in lapsed)
        {
            _deadlines.Enqueue(reservation, reservation.ExpiresAt);
        }

        return [.. lapsed
            .OrderBy(reservation => reservation.ExpiresAt).ThenBy(reservation => reservation.HeldAt)
            .ThenBy(reservation => reservation.Id, StringComparer.Ordinal)];
    }

    /// <summary>The earliest deadline of a hold, or <see cref="Instant.Never"/>. It may be stale, never late.</summary>
    public Instant NextDeadline => _deadlines.TryPeek(out _, out var deadline) ? deadline : Instant.Never;

    private void Open(ScheduleDefinition definition)
    {
        Definition = definition;
        Plan = new(definition.Sections);
        _seats = new Reservation?[Plan.SeatCount];
        _seatChangedAt = new long[Plan.SeatCount];
        _freeInRow = [.. Plan.Rows(null).Select(row => row.Length)];
        AvailableCount = Plan.SeatCount;
    }

    private void Add(Reservation reservation)
    {
        Remember(reservation);
        foreach (var seat in reservation.Seats)
        {
            _seats[seat] = reservation;
            _freeInRow[Plan.RowOf(seat)]--;
        }

        AvailableCount -= reservation.Seats.Length;
        _deadlines.Enqueue(reservation, reservation.ExpiresAt);
    }

    private void ForgetWork(PaymentInFlight payment)
    {
        if (payment.IsOver)
        {
            _unsettled.Remove(payment.PaymentId);
        }
    }

    private void End(Reservation reservation, ReservationStatus status, Instant at, long version)
    {
        Free(reservation, status, at, version);
        _ended.Enqueue(reservation);
        while (_ended.TryPeek(out var oldest) && oldest.EndedAt + EndedKnownFor <= at)
        {
            Forget(_ended.Dequeue());
        }
    }

    private void Free(Reservation reservation, ReservationStatus status, Instant at, long version)
    {
        reservation.Status = status;
        reservation.EndedAt = at;
        foreach (var seat in reservation.Seats)
        {
            _seats[seat] = null;
            _freeInRow[Plan.RowOf(seat)]++;
        }

        AvailableCount += reservation.Seats.Length;
        Stamp(reservation, version);
    }

    private void Remember(Reservation reservation)
    {
        _reservations.Add(reservation.Id, reservation);
        if (!_byUser.TryGetValue(reservation.UserId, out var list))
        {
            _byUser.Add(reservation.UserId, list = []);
        }

        list.Add(reservation);
    }

    private void Forget(Reservation reservation)
    {
        _reservations.Remove(reservation.Id);
        var list = _byUser[reservation.UserId];
        list.Remove(reservation);
        if (list.Count == 0)
        {
            _byUser.Remove(reservation.UserId);
        }
    }

    private void Stamp(Reservation reservation, long version)
    {
        reservation.ChangedAt = version;
        foreach (var seat in reservation.Seats)
        {
            _seatChangedAt[seat] = version;
        }
    }

    /// <summary>The state as a value; the same state always gives the same value.</summary>
    public ScheduleSnapshot ToSnapshot() => new(
        Definition, ChangedAt, [.. Reservations().Select(ReservationSnapshot.Of)], [.. _ended.Select(ended => ended.Id)]);

    public static ScheduleState From(ScheduleSnapshot snapshot)
    {
        var state = new ScheduleState();
        if (snapshot.Definition is { } definition)
        {
            state.Open(definition);
        }

        foreach (var reservation in snapshot.Reservations.Select(kept => kept.ToReservation()))
        {
            state.Restore(reservation);
        }

        foreach (var id in snapshot.EndedInOrder)
        {
            state._ended.Enqueue(state._reservations[id]);
        }

        state.ChangedAt = snapshot.ChangedAt;
        return state;
    }

    private void Restore(Reservation reservation)
    {
        if (reservation.EndedAt is null)
        {
            Add(reservation);
        }
        else
        {
            Remember(reservation);
        }

        if (reservation.Status == ReservationStatus.Paid)
        {
            SoldCount += reservation.Seats.Length;
        }

        if (reservation.Payment is { PaidAt: not null } paid)
        {
            _byPayment.Add(paid.PaymentId, reservation);
        }

        if (reservation.Payment is { IsOver: false } payment)
        {
            _unsettled.Add(payment.PaymentId, reservation);
        }
    }
}
