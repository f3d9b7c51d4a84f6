using System.Runtime.InteropServices;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains;

/// <summary>The seat map as it is on disk: what it shows was true, and stays so after a crash.</summary>
internal sealed class SeatBoard
{
    private byte[] _statuses = [];
    private SeatChanges _changes = new(0, 0);
    private SeatStatuses? _published;
    private Instant _asOf;

    /// <summary>The version of the last change of a seat's status.</summary>
    public long Version => _changes.Version;

    public int Available { get; private set; }

    public int Sold { get; private set; }

    public bool IsSoldOut => _statuses.Length > 0 && Sold == _statuses.Length;

    /// <summary>Takes over a loaded state; all of that is durable.</summary>
    public void Start(ScheduleState schedule, long version)
    {
        _statuses = [.. Enumerable.Range(0, schedule.Plan.SeatCount).Select(seat => (byte)schedule.StatusOf(seat))];
        (Available, Sold) = (schedule.AvailableCount, schedule.SoldCount);
        (_changes, _asOf, _published) = (new(_statuses.Length, version), schedule.ChangedAt, null);
    }

    /// <summary>Folds a durable event.</summary>
    public void Apply(ScheduleState schedule, SeatEvent happened, long version)
    {
        switch (happened)
        {
            case ScheduleOpened:
                Start(schedule, version);
                break;
            case SeatsHeld held:
                Show([.. held.Seats.Select(schedule.Plan.IndexOf)], SeatStatus.Held, held.At, version);
                break;
            case HoldReleased released:
                Show(schedule.Find(released.ReservationId)!.Seats, SeatStatus.Available, released.At, version);
                break;
            case HoldLapsed lapsed:
                Show(schedule.Find(lapsed.ReservationId)!.Seats, SeatStatus.Available, lapsed.At, version);
                break;
            case PaymentRefunded refunded:
                Show(schedule.Find(refunded.ReservationId)!.Seats, SeatStatus.Available, refunded.At, version);
                break;
            case SeatsSold sold:
                Show(schedule.Find(sold.ReservationId)!.Seats, SeatStatus.Sold, sold.At, version);
                break;
        }
    }

    /// <summary>What changed since that version where that is known, else the whole map; null where nothing did.</summary>
    public SeatStatuses? Since(long known) => known == Version ? null
        : _changes.After(known) is { } changed
            ? new(Version, _asOf, [])
            {
                Changes = [.. changed.Select(change => new SeatChange(change.Seat, (SeatStatus)_statuses[change.Seat], change.Version))],
            }
            : Whole();

    /// <summary>The map, made once a version and shared by all who read it.</summary>
    private SeatStatuses Whole() =>
        _published ??= new(Version, _asOf, ImmutableCollectionsMarshal.AsImmutableArray((byte[])_statuses.Clone()));

    private void Show(ImmutableArray<int> seats, SeatStatus status, Instant at, long version)
    {
        foreach (var seat in seats)
        {
            Available += (status == SeatStatus.Available ? 1 : 0) - (_statuses[seat] == (byte)SeatStatus.Available ? 1 : 0);
            Sold += (status == SeatStatus.Sold ? 1 : 0) - (_statuses[seat] == (byte)SeatStatus.Sold ? 1 : 0);
            _statuses[seat] = (byte)status;
            _changes.Add(version, seat);
        }

        (_asOf, _published) = (at, null);
    }
}
