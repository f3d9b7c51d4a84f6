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
        Open(Some.SalePolicy with { MaxSeatsPerHold = 1 }, [new("A", 1, 60, 1)]);
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
