using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using OrleansConcert.Domain.Payments;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>What a schedule does by itself: lapse, tell, drive on; and how it is stored and shown.</summary>
public sealed partial class ScheduleGrain
{
    private readonly SeatBoard _board = new();
    private bool _reporting;

    /// <summary>The version of the last lapse: a map is not shown without the lapses due by then.</summary>
    private long _lapsedAt;

    protected override JsonTypeInfo<SeatEvent> EventJson => JournalJson.Default.SeatEvent;

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
        var holders = State.Reservations()
            .Where(reservation => reservation.IsLiveHoldAt(Now) || reservation.Status == ReservationStatus.Paying)
            .Select(reservation => (reservation.UserId, reservation.Ticket));
        _ = InBackground(Retell([.. holders.Distinct()]));
    }

    protected override Instant NextWake(Instant now) => Instant.Min(State.NextDeadline, _driveAt);

    protected override async Task Tick()
    {
        var now = Advance();
        DriveOn(now);
        await Flush();
    }

    protected override void React() => Arm();

    protected override ScheduleState Empty() => new();

    protected override void Apply(ScheduleState state, SeatEvent happened, long version) => state.Apply(happened, version);

    protected override ScheduleState Restore(ReadOnlySpan<byte> snapshot) =>
        ScheduleState.From(JsonSerializer.Deserialize(snapshot, JournalJson.Default.ScheduleSnapshot)!);

    protected override byte[] Capture(ScheduleState state) =>
        JsonSerializer.SerializeToUtf8Bytes(state.ToSnapshot(), JournalJson.Default.ScheduleSnapshot);

    protected override void OnDurable(SeatEvent happened, long version)
    {
        _board.Apply(State, happened, version);
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
            LogLapsed(Log, Key, holds.Length, (now - holds[0].ExpiresAt).TotalMilliseconds);
            foreach (var hold in holds)
            {
                TellWhereHoldless(hold.UserId, hold.Ticket, now);
            }
        }

        Arm();
        return now;
    }

    /// <summary>A ticket without live holds here does not need its token kept alive for them.</summary>
    private void TellWhereHoldless(string userId, long ticket, Instant now)
    {
        if (!Holding.LiveHolds(State, userId, ticket, now).Any() && _permits.Finish(ticket, out var serial))
        {
            _ = InBackground(TokenOf(ticket).HoldsEnded(Key, serial));
        }
    }

    private async Task Retell(ImmutableArray<(string UserId, long Ticket)> holders)
    {
        foreach (var (userId, ticket) in holders)
        {
            if (await TokenOf(ticket).Held(Key, userId) is { } serial)
            {
                _permits.Restore(ticket, serial);
            }
        }
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

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Schedule {Schedule}: {Count} holds lapsed, the oldest {Milliseconds} ms ago")]
    private static partial void LogLapsed(ILogger logger, string schedule, int count, double milliseconds);
}
