using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests.Seats;

/// <summary>Single rules of a schedule, each deadline one millisecond before, at, and one after.</summary>
public class SeatRuleTests
{
    private readonly ScheduleState _schedule = new();
    private long _version;

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Fewer_than_one_seat_is_no_set_of_seats(int count)
    {
        Open();
        Assert.Equal(
            SeatRefusal.NotASetOfSeats, Reason(Holding.HoldBest(_schedule, Holder("u1", "r1"), count, null, 0, Some.Noon)));
    }

    [Fact]
    public void Lapses_of_one_instant_come_in_one_order_however_often_they_are_asked_for()
    {
        Open(Some.SalePolicy with { MaxSeatsPerHold = 1 }, new Section("A", 1, 60, 1));
        foreach (var number in Enumerable.Range(1, 60))
        {
            Hold($"u{number}", $"r{number:00}", Some.Noon, $"A-1-{number}");
        }

        var at = Some.Noon + Some.SalePolicy.HoldTtl;
        var inOrder = Enumerable.Range(1, 60).Select(number => new HoldLapsed(at, $"r{number:00}")).ToArray<SeatEvent>();

        Assert.Equal(inOrder, Holding.Lapses(_schedule, at).ToArray());
        Assert.Equal(inOrder, Holding.Lapses(_schedule, at).ToArray());
    }

    [Fact]
    public void Of_two_holds_that_end_together_the_older_lapses_first()
    {
        Open();
        var until = Some.Noon + Some.Ms(1_000);
        Fold(Holding.Hold(_schedule, Holder("u1", "r2") with { PermittedUntil = until }, ["A-1-1"], Some.Noon));
        Fold(Holding.Hold(_schedule, Holder("u2", "r1") with { PermittedUntil = until }, ["A-1-2"], Some.Noon + Some.Ms(1)));
        Fold(Holding.Hold(_schedule, Holder("u3", "r0") with { PermittedUntil = until - Some.Ms(1) }, ["A-1-3"], Some.Noon + Some.Ms(2)));

        Assert.Equal(
            [new HoldLapsed(until, "r0"), new HoldLapsed(until, "r2"), new HoldLapsed(until, "r1")],
            Holding.Lapses(_schedule, until).ToArray());
    }

    [Fact]
    public void Which_reservation_is_the_newest_of_an_instant_survives_a_snapshot()
    {
        Open();
        Hold("u1", "r2", Some.Noon, "A-1-1");
        Fold(Holding.Release(_schedule, "r2", "u1", Some.Noon));
        Hold("u1", "r1", Some.Noon, "A-1-1");

        var restored = ScheduleState.From(_schedule.ToSnapshot());

        Assert.Equal("r1", Paying.Match(_schedule, "u1", ["A-1-1"])?.Id);
        Assert.Equal("r1", Paying.Match(restored, "u1", ["A-1-1"])?.Id);
    }

    [Fact]
    public void A_refusal_by_the_limit_of_a_user_shows_what_that_user_has()
    {
        Open(Some.SalePolicy with { MaxSeatsPerUser = 2 });
        Hold("u1", "r1", Some.Noon, "A-1-1");
        Hold("u1", "r2", Some.Noon, "A-1-2");
        Hold("u2", "r3", Some.Noon, "A-1-3");

        var decision = Holding.Hold(_schedule, Holder("u1", "r4"), ["A-1-4"], Some.Noon);

        Assert.Equal((SeatRefusal.LimitExceeded, 3), (Reason(decision), decision.Shows));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void A_hold_ends_by_the_clock_at_its_deadline(long around, bool over)
    {
        Open();
        Hold("u1", "r1", Some.Noon, "A-1-1");
        var hold = _schedule.Find("r1")!;
        var at = Some.Noon + Some.SalePolicy.HoldTtl + Some.Ms(around);

        Assert.Equal(Some.Noon + Some.SalePolicy.HoldTtl, _schedule.NextDeadline);
        Assert.Equal(over ? ReservationStatus.Expired : ReservationStatus.Held, hold.StatusAt(at));
        Assert.Equal(over, !Holding.Lapses(_schedule, at).IsEmpty);
        Assert.Equal((!over, !over), (hold.KeepsSeatsAt(at), hold.IsLiveHoldAt(at)));
        Assert.Equal(over ? 0 : 1, _schedule.SeatsOf("u1", at));
        Assert.Equal(over ? SeatRefusal.HoldExpired : null, Reason(Holding.Confirm(_schedule, "r1", "u1", at)));
        Assert.Equal(over ? SeatRefusal.HoldExpired : null, Reason(Holding.Release(_schedule, "r1", "u1", at)));
        Assert.Equal(over ? SeatRefusal.HoldExpired : null, Reason(Paying.Start(_schedule, "r1", "u1", "p", null, at)));
        Assert.Equal(over ? 0 : 1, Holding.LiveHolds(_schedule, "u1", 1, at).Count());
        Assert.Empty(Holding.LiveHolds(_schedule, "u1", 2, at));
        Assert.Empty(Holding.LiveHolds(_schedule, "u2", 1, at));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Sales_open_at_their_instant(long around, bool open)
    {
        Open();
        Assert.Equal(
            open ? null : SeatRefusal.SalesClosed,
            Reason(Holding.Hold(_schedule, Holder("u1", "r1"), ["A-1-1"], Some.Noon + Some.Ms(around))));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void Sales_close_at_their_instant_and_what_is_held_may_still_be_paid(long around, bool open)
    {
        Open();
        var close = _schedule.Definition!.SalesCloseAt;
        Hold("u1", "r1", close - Some.Ms(2), "A-1-2");

        Assert.Equal(
            open ? null : SeatRefusal.SalesClosed,
            Reason(Holding.HoldBest(_schedule, Holder("u1", "r2"), 1, null, 0, close + Some.Ms(around))));
        Assert.Null(Paying.Start(_schedule, "r1", "u1", "p", null, close + Some.Ms(around)).Refused);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void An_ended_reservation_is_known_for_a_day(long around, bool known)
    {
        Open();
        Hold("u1", "r1", Some.Noon, "A-1-1");
        Hold("u2", "r2", Some.Noon, "A-1-2");
        Fold(Holding.Release(_schedule, "r1", "u1", Some.Noon));

        Fold(new HoldReleased(Some.Noon + TimeSpan.FromHours(24) + Some.Ms(around), "r2", ReleaseReason.TokenUsed));

        Assert.Equal(known, _schedule.Find("r1") is not null);
        Assert.Equal(known ? 1 : 0, _schedule.Of("u1").Count);
        Assert.Equal(known ? 2 : 1, _schedule.ToSnapshot().EndedInOrder.Length);
    }

    [Fact]
    public void A_hold_ends_no_later_than_its_permit()
    {
        Open();
        var holder = Holder("u1", "r1") with { PermittedUntil = Some.Noon + Some.Ms(5) };
        Fold(Holding.Hold(_schedule, holder, ["A-1-1"], Some.Noon));
        Assert.Equal(holder.PermittedUntil, _schedule.Find("r1")!.ExpiresAt);
    }

    [Fact]
    public void A_payment_in_flight_outlives_the_deadline_and_lapses_at_once_when_given_up()
    {
        Open();
        Hold("u1", "r1", Some.Noon, "A-1-1");
        Fold(Paying.Start(_schedule, "r1", "u1", "p", null, Some.Noon));
        var late = Some.Noon + TimeSpan.FromDays(1);

        Assert.Empty(Holding.Lapses(_schedule, late));
        Fold(Paying.Abort(_schedule, "r1", "p", AbortReason.WalletUnavailable, late).Single());

        Assert.Equal(new HoldLapsed(late, "r1"), Assert.Single(Holding.Lapses(_schedule, late)));
    }

    [Fact]
    public void A_payment_given_up_in_time_lapses_in_time()
    {
        Open();
        Hold("u1", "r1", Some.Noon, "A-1-1");
        Fold(Paying.Start(_schedule, "r1", "u1", "p", null, Some.Noon));
        Fold(Paying.Abort(_schedule, "r1", "p", AbortReason.WalletUnavailable, Some.Noon).Single());

        Assert.Single(Holding.Lapses(_schedule, Some.Noon + Some.SalePolicy.HoldTtl));
    }

    [Fact]
    public void A_schedule_opens_once_and_the_same_again_changes_nothing()
    {
        Open();
        var again = Holding.Open(_schedule, Some.Schedule(), Some.Noon);
        Assert.Equal((null, 0, 1), (again.Refused, again.Events.Length, again.Shows));
        foreach (var other in new[]
        {
            Some.Schedule() with { Date = "2026-11-28" },
            Some.Schedule() with { Policy = Some.SalePolicy with { MaxSeatsPerHold = 5 } },
            Some.Schedule(null, new Section("A", 3, 4, 50_000)),
            Some.Schedule(null, new("A", 3, 4, 50_000), new("B_2", 2, 5, 30_001)),
        })
        {
            var refused = Holding.Open(_schedule, other, Some.Noon);
            Assert.Equal((SeatRefusal.AlreadyExists, 1), (Reason(refused), refused.Shows));
        }
    }

    [Fact]
    public void Refusals_of_a_hold_come_in_their_order()
    {
        Assert.Equal(SeatRefusal.ScheduleNotFound, Try("Z-1-1"));
        Open(Some.SalePolicy with { MaxSeatsPerHold = 2, MaxSeatsPerUser = 3 });
        Hold("u1", "r1", Some.Noon, "A-1-1", "A-1-2");

        Assert.Equal(SeatRefusal.SeatNotFound, Try(Some.Noon - Some.Ms(1), "A-1-1", "A-1-1", "Z-1-1"));
        Assert.Equal(SeatRefusal.SalesClosed, Try(Some.Noon - Some.Ms(1), "A-1-1", "A-1-1", "A-1-1"));
        Assert.Equal(SeatRefusal.NotASetOfSeats, Try("A-1-1", "A-1-1", "A-1-1"));
        Assert.Equal(SeatRefusal.NotASetOfSeats, Try());
        Assert.Equal(SeatRefusal.LimitExceeded, Try("A-1-1", "A-1-2", "A-1-3"));
        Assert.Equal(SeatRefusal.LimitExceeded, Try("A-1-1", "A-1-2"));
        Assert.Equal(SeatRefusal.SeatsTaken, Try("A-1-1"));
        Assert.Null(Try("A-1-3"));
    }

    [Fact]
    public void The_best_seats_are_adjacent_in_front_and_in_the_middle()
    {
        Open(Some.SalePolicy with { MaxSeatsPerHold = 9 }, new("A", 2, 5, 1), new("B", 1, 9, 1));

        Assert.Equal(["A-1-3"], Best(1));
        Assert.Equal(["A-1-2", "A-1-3", "A-1-4"], Best(3));
        Assert.Equal(["A-1-2", "A-1-3"], Best(2));
        Assert.Equal(["B-1-2", "B-1-3", "B-1-4", "B-1-5", "B-1-6", "B-1-7", "B-1-8"], Best(7));
        Assert.Equal(["B-1-5"], Best(1, "B"));
        Hold("u1", "r1", Some.Noon, "A-1-3");
        Assert.Equal(["A-1-2"], Best(1));
        Assert.Equal(["A-1-1", "A-1-2"], Best(2));
        Assert.Equal(["A-2-2", "A-2-3", "A-2-4"], Best(3));
        Hold("u1", "r2", Some.Noon, "A-2-3");
        Assert.Equal(["A-1-1", "A-1-2", "A-1-4"], Best(3, "A"));
        Assert.Equal(["A-1-1", "A-1-2", "A-1-4", "A-1-5", "A-2-2"], Best(5, "A"));
        Assert.Equal(8, Best(8, "A").Length);
        Assert.Empty(Best(9, "A"));
    }

    [Fact]
    public void A_row_with_exactly_as_many_free_is_taken_whole()
    {
        Open(Some.SalePolicy, new Section("A", 2, 3, 1));
        Hold("u1", "r1", Some.Noon, "A-1-2");

        Assert.Equal(["A-2-1", "A-2-2", "A-2-3"], Best(3));
    }

    [Fact]
    public void Too_few_free_seats_are_refused_and_what_is_free_is_shown()
    {
        Open(Some.SalePolicy, new Section("A", 1, 3, 1));
        Hold("u1", "r1", Some.Noon, "A-1-2");

        var refused = Holding.HoldBest(_schedule, Holder("u2", "r2"), 3, null, 41, Some.Noon);

        Assert.Equal((SeatRefusal.NotEnoughSeats, 41, 0), (Reason(refused), refused.Shows, refused.Events.Length));
    }

    [Fact]
    public void A_refusal_of_taken_seats_shows_the_newest_of_their_changes()
    {
        Open();
        Hold("u1", "r1", Some.Noon, "A-1-1");
        Hold("u2", "r2", Some.Noon, "A-1-2");
        Hold("u2", "r3", Some.Noon, "A-1-3");

        var refused = Holding.Hold(_schedule, Holder("u3", "r4"), ["A-1-2", "A-1-4", "A-1-1"], Some.Noon);

        Assert.Equal((SeatRefusal.SeatsTaken, 3), (Reason(refused), refused.Shows));
        Assert.Equal(["A-1-2", "A-1-1"], refused.Refused!.With.Seats.ToArray());
    }

    [Theory]
    [InlineData(true, ReservationStatus.Reserved)]
    [InlineData(false, ReservationStatus.Held)]
    public void A_payment_given_up_leaves_the_hold_as_confirmed_as_it_was(bool confirmed, ReservationStatus status)
    {
        Open();
        Hold("u1", "r1", Some.Noon, "A-1-1");
        if (confirmed)
        {
            Fold(Holding.Confirm(_schedule, "r1", "u1", Some.Noon));
        }

        Fold(Paying.Start(_schedule, "r1", "u1", "p", null, Some.Noon));
        Fold(Paying.Abort(_schedule, "r1", "p", AbortReason.InsufficientBalance, Some.Noon).Single());

        Assert.Equal((status, confirmed), (_schedule.Find("r1")!.Status, _schedule.Find("r1")!.Confirmed));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void A_payment_given_up_at_the_deadline_lapses_then_though_its_alarm_is_gone(long around, int lapses)
    {
        Open();
        Hold("u1", "r1", Some.Noon, "A-1-1");
        var at = Some.Noon + Some.SalePolicy.HoldTtl + Some.Ms(around);
        Fold(Paying.Start(_schedule, "r1", "u1", "p", null, Some.Noon));
        Assert.Empty(Holding.Lapses(_schedule, at));

        Fold(Paying.Abort(_schedule, "r1", "p", AbortReason.InsufficientBalance, at).Single());

        Assert.Equal(lapses, Holding.Lapses(_schedule, at).Length);
        Assert.Single(Holding.Lapses(_schedule, at + Some.Ms(1)));
    }

    [Fact]
    public void A_seat_named_twice_matches_no_reservation()
    {
        Open();
        Hold("u1", "r1", Some.Noon, "A-1-1");

        Assert.Equal("r1", Paying.Match(_schedule, "u1", ["A-1-1"])?.Id);
        Assert.Null(Paying.Match(_schedule, "u1", ["A-1-1", "A-1-1"]));
    }

    [Fact]
    public void Reservations_come_by_instant_then_by_user()
    {
        Open();
        Hold("u2", "r1", Some.Noon + Some.Ms(1), "A-1-1");
        Hold("u3", "r2", Some.Noon, "A-1-2");
        Hold("u1", "r3", Some.Noon + Some.Ms(1), "A-1-3");
        Hold("U9", "r4", Some.Noon + Some.Ms(1), "A-1-4");

        Assert.Equal(["r2", "r4", "r3", "r1"], _schedule.Reservations().Select(reservation => reservation.Id));
    }

    [Fact]
    public void A_schedule_is_there_once_it_was_opened_and_a_reservation_is_its_owners_to_see()
    {
        Assert.Equal(SeatRefusal.ScheduleNotFound, Reason(Holding.Exists(_schedule)));
        Assert.Equal(SeatRefusal.ReservationNotFound, Reason(Holding.See(_schedule, "r1", "u1")));
        Open();
        Hold("u1", "r1", Some.Noon, "A-1-1");

        Assert.Equal((null, 1), (Holding.Exists(_schedule).Refused, Holding.Exists(_schedule).Shows));
        Assert.Equal((null, 2), (Holding.See(_schedule, "r1", "u1").Refused, Holding.See(_schedule, "r1", "u1").Shows));
        Assert.Equal(SeatRefusal.NotOwner, Reason(Holding.See(_schedule, "r1", "U1")));
    }

    [Fact]
    public void An_empty_schedule_is_not_sold_out() => Assert.False(new ScheduleState().IsSoldOut);

    private string[] Best(int count, string? section = null) =>
        Holding.HoldBest(_schedule, Holder("u9", "best"), count, section, 0, Some.Noon).Events is [SeatsHeld held]
            ? [.. held.Seats]
            : [];

    private SeatRefusal? Try(params ImmutableArray<string> seats) => Try(Some.Noon, seats);

    private SeatRefusal? Try(Instant now, params ImmutableArray<string> seats) =>
        Reason(Holding.Hold(_schedule, Holder("u1", "r9"), seats, now));

    private void Open(SalePolicy? policy = null, params ImmutableArray<Section> sections) =>
        Fold(Holding.Open(_schedule, Some.Schedule(policy, sections), Some.Noon));

    private void Hold(string user, string reservation, Instant at, params ImmutableArray<string> seats) =>
        Fold(Holding.Hold(_schedule, Holder(user, reservation), seats, at));

    private static Holder Holder(string user, string reservation) => new(user, 1, reservation, Instant.Never);

    private static SeatRefusal? Reason(Decision<SeatEvent> decision) => ((SeatRefused?)decision.Refused)?.Reason;

    private void Fold(Decision<SeatEvent> decision)
    {
        Assert.Null(decision.Refused);
        foreach (var happened in decision.Events)
        {
            Fold(happened);
        }
    }

    private void Fold(SeatEvent happened) => _schedule.Apply(happened, ++_version);
}
