namespace OrleansConcert.Simulation;

/// <summary>What every seat was, from which version of its stream on and since when.</summary>
internal sealed class SeatBook
{
    private readonly Dictionary<(string Schedule, string Seat), List<Change>> _changes = [];
    private readonly Dictionary<string, ImmutableArray<string>> _seats = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);

    public void Observe(string schedule, SeatEvent happened, long version)
    {
        _versions[schedule] = version;
        switch (happened)
        {
            case SeatsHeld held:
                _seats.Add(held.ReservationId, held.Seats);
                Add(held.ReservationId, SeatStatus.Held);
                break;
            case SeatsSold sold:
                Add(sold.ReservationId, SeatStatus.Sold);
                break;
            case HoldReleased released:
                Add(released.ReservationId, SeatStatus.Available);
                break;
            case HoldLapsed lapsed:
                Add(lapsed.ReservationId, SeatStatus.Available);
                break;
            case PaymentRefunded refunded:
                Add(refunded.ReservationId, SeatStatus.Available);
                break;
        }

        void Add(string reservationId, SeatStatus status)
        {
            foreach (var seat in _seats[reservationId])
            {
                ChangesOf(schedule, seat).Add(new(version, happened.At, status));
            }
        }
    }

    /// <summary>Whether these were the seats at that version of the stream.</summary>
    public bool Were(string schedule, long version, ImmutableArray<(string Seat, SeatStatus Status)> seats) =>
        version <= _versions.GetValueOrDefault(schedule)
        && seats.All(seat => seat.Status
            == (ChangesOf(schedule, seat.Seat).FindLast(change => change.Version <= version)?.Status ?? SeatStatus.Available));

    /// <summary>Whether somebody had the seat at some instant from one to the other, both included.</summary>
    public bool WasTaken(string schedule, string seat, Instant from, Instant to)
    {
        var changes = ChangesOf(schedule, seat);
        return changes.Index().Any(change => change.Item.Status != SeatStatus.Available
            && change.Item.At <= to
            && (change.Index == changes.Count - 1 || changes[change.Index + 1].At >= from));
    }

    private List<Change> ChangesOf(string schedule, string seat)
    {
        if (!_changes.TryGetValue((schedule, seat), out var changes))
        {
            _changes.Add((schedule, seat), changes = []);
        }

        return changes;
    }

    private sealed record Change(long Version, Instant At, SeatStatus Status);
}
