using OrleansConcert.Domain.Payments;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains;

/// <summary>What a schedule does by itself: lapse, tell, drive on, and how it is shown.</summary>
public sealed partial class ScheduleGrain
{
    private readonly SeatBoard _board = new();
    private bool _reporting;

    /// <summary>The version of the last lapse: a map is not shown without the lapses due by then.</summary>
    private long _lapsedAt;

    protected override bool HasUnfinishedWork => State.HasUnfinishedWork;

    protected override int StateSize => State.Plan.SeatCount;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        if (State.Definition is null)
        {
            return;
        }

        _board.Start(State, Version);
        _driveAt = State.Unsettled().Any() ? Now : Instant.Never;
        Arm();
        _untold.AddRange(State.Reservations()
            .Where(reservation => NeedsToken(reservation, Now))
            .Select(reservation => (reservation.UserId, reservation.Ticket)).Distinct());
        Retell();
    }

    protected override Instant NextWake(Instant now) => Instant.Min(State.NextDeadline, Instant.Min(_driveAt, _tellAt));

    protected override async Task Tick()
    {
        var now = Advance();
        var swept = Flush();
        DriveOn(now);
        if (_tellAt <= now)
        {
            Retell();
        }

        await swept;
    }

    protected override void React() => Arm();

    protected override void OnDurable(SeatEvent happened, long version)
    {
        _board.Apply(State, happened, version);
        base.OnDurable(happened, version);
        if (_board.Version == version && !_reporting)
        {
            _ = InBackground(Report());
        }
    }

    /// <summary>Folds the lapses that the clock has brought about.</summary>
    private Instant Advance()
    {
        var now = Now;
        var lapses = Holding.Lapses(State, now);
        if (!lapses.IsEmpty)
        {
            var holds = lapses.Select(lapse => State.Find(((HoldLapsed)lapse).ReservationId)!).ToArray();
            Fold(lapses);
            _lapsedAt = Version;
            Swept(holds.Length, "holds lapsed", now - holds[0].ExpiresAt);
            foreach (var hold in holds)
            {
                _ = TellWhereHoldless(hold.UserId, hold.Ticket, now);
            }
        }

        Arm();
        return now;
    }

    /// <summary>Tells the concert how many seats are left. The call under way is what gathers the next.</summary>
    private async Task Report()
    {
        _reporting = true;
        try
        {
            var concert = GrainFactory.GetGrain<IConcertGrain>(State.Definition!.ConcertId);
            for (var told = 0L; told != _board.Version;)
            {
                told = _board.Version;
                await concert.Report(Key, told, _board.Available, _board.IsSoldOut);
            }
        }
        finally
        {
            _reporting = false;
        }
    }

    private ScheduleView View() => _board.Version == 0
        ? ScheduleView.Of(State.Definition!, State.AvailableCount, State.IsSoldOut)
        : ScheduleView.Of(State.Definition!, _board.Available, _board.IsSoldOut);

    private ReservationView View(Reservation reservation, Instant now) => new(
        reservation.Id,
        Key,
        State.Definition!.ConcertId,
        reservation.UserId,
        reservation.StatusAt(now),
        SeatsOf(reservation),
        reservation.Amount,
        reservation.HeldAt,
        reservation.ExpiresAt,
        reservation.IsLiveHoldAt(now) ? (long)(reservation.ExpiresAt - now).TotalMilliseconds : 0,
        reservation.Payment?.PaymentId);

    private ImmutableArray<PricedSeat> SeatsOf(Reservation reservation) =>
    [
        .. reservation.Seats.Select(seat =>
            new PricedSeat(State.Plan.SeatAt(seat).ToString(), State.Plan.PriceOf(seat))),
    ];
}
