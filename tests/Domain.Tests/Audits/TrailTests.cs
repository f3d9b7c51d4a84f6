using OrleansConcert.Domain.Audits;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests.Audits;

public class TrailTests
{
    private static readonly Instant At = Some.Noon;
    private static readonly Instant Deadline = At + Some.Ms(1_000);
    private static readonly SeatsHeld Taken = new(At, "r1", "u1", 7, ["A-1-1", "A-1-2"], 100_000, Deadline);

    public static TheoryData<string, SeatEvent, string> Words => new()
    {
        { "RESERVED", new HoldConfirmed(At, "r1"), "u1 confirmed the hold; its deadline stays {0}." },
        { "RELEASED", new HoldReleased(At, "r1", ReleaseReason.Released), "u1 gave A-1-1, A-1-2 back before the deadline {0}." },
        { "RELEASED", new HoldReleased(At, "r1", ReleaseReason.LeftQueue),
            "Ticket 7 ended because u1 left the queue, or lost the place; its holds were given back." },
        { "RELEASED", new HoldReleased(At, "r1", ReleaseReason.TokenUsed),
            "Another payment of u1 used ticket 7 up; its other holds were given back." },
        { "LAPSED", new HoldLapsed(Deadline, "r1"), "The deadline {0} passed and u1 had not paid; A-1-1, A-1-2 are free again." },
        { "PAYING", new PaymentStarted(At, "r1", "p1", null),
            "u1 asked to pay 100,000; while the payment runs the hold does not lapse." },
        { "PAYMENT_ABORTED", new PaymentAborted(At, "r1", "p1", AbortReason.InsufficientBalance, 10_000),
            "The payment was given back: the wallet held 10,000 and 100,000 was needed; nothing was taken, the hold stays until {0}." },
        { "PAYMENT_ABORTED", new PaymentAborted(At, "r1", "p1", AbortReason.InsufficientBalance),
            "The payment was given back: the wallet held less than the 100,000 that was needed; nothing was taken, "
            + "the hold stays until {0}." },
        { "PAYMENT_ABORTED", new PaymentAborted(Deadline, "r1", "p1", AbortReason.WalletUnavailable),
            "The payment was given back: the wallet could not answer, and made sure that it takes nothing later; nothing was taken, "
            + "and the deadline {0} had passed meanwhile." },
        { "SOLD", new SeatsSold(At, "r1", "p1", 23), "u1 paid 100,000, which left 23 in the wallet; A-1-1, A-1-2 are sold." },
        { "REFUNDED", new PaymentRefunded(At, "r1", "p1", Deadline), "u1 got 100,000 back at {0}, and A-1-1, A-1-2 are free again." },
    };

    [Theory]
    [MemberData(nameof(Words))]
    public void Each_thing_that_happens_to_a_seat_is_said_in_words(string what, SeatEvent happened, string why)
    {
        var entry = OfSeat("A-1-2", Taken, happened)[1];
        Assert.Equal(what.Replace("_", "", StringComparison.Ordinal), entry.What.ToString(), ignoreCase: true);
        Assert.Equal(string.Format(null, why, Deadline), entry.Why);
        Assert.Equal((happened.At, "u1", "r1"), (entry.At, entry.UserId, entry.ReservationId));
        Assert.Equal(what is "PAYING" or "PAYMENT_ABORTED" or "SOLD" or "REFUNDED" ? "p1" : null, entry.PaymentId);
    }

    [Fact]
    public void A_refund_says_who_ordered_it_when_and_why() => Assert.EndsWith(
        $" op ordered it at {At}, saying: rain",
        OfSeat("A-1-1", Taken, new RefundStarted(At, "r1", "p1", "op", "rain", null), new PaymentRefunded(At, "r1", "p1", At))[1].Why,
        StringComparison.Ordinal);

    [Fact]
    public void What_happened_to_other_seats_is_not_told()
    {
        var other = Taken with { ReservationId = "r2", Seats = ["A-1-3"] };
        Assert.Empty(OfSeat("A-1-4", Taken, new HoldConfirmed(At, "r1")));
        var entries = OfSeat("A-1-1", Taken, other, new HoldConfirmed(At, "r2"), new HoldLapsed(Deadline, "r1"));
        Assert.Equal([TrailEvent.Held, TrailEvent.Lapsed], entries.Select(entry => entry.What));
        Assert.Equal(
            $"u1 took A-1-1, A-1-2 for 100,000 with ticket 7; unpaid, they are free again at {Deadline}.", entries[0].Why);
    }

    [Fact]
    public void A_ticket_is_admitted_by_the_first_admission_that_reaches_it()
    {
        var (later, latest) = (At + Some.Ms(1), At + Some.Ms(2));
        QueueEvent[] events =
        [
            new Joined(At, 1, "u1", 0), new Joined(At, 2, "u2", 0), new Admitted(At, 1, 1, Deadline),
            new Joined(At, 3, "u3", 0), new Admitted(later, 3, 2, Deadline), new Joined(latest, 4, "u4", 0),
            new Ended(latest, 1, "u1", TokenStatus.Expired, EndReason.Ttl),
        ];
        Assert.Equal(["Joined", "Admitted", "Ended"], OfTokens("u1", events).Select(entry => $"{entry.What}"));
        Assert.Equal(
            $"It was the turn of ticket 1 of queue main; ACTIVE until {Deadline}, or longer while it has a live hold.",
            OfTokens("u1", events)[1].Why);
        Assert.Equal([At, later], OfTokens("u2", events).Select(entry => entry.At));
        Assert.Equal(
            $"It was the turn of ticket 3 of queue main, one of 2 at once; ACTIVE until {Deadline}, or longer while it has a live hold.",
            OfTokens("u3", events)[1].Why);
        Assert.Equal("u4 took ticket 4 of queue main.", Assert.Single(OfTokens("u4", events)).Why);
    }

    [Fact]
    public void Who_left_while_waiting_was_not_admitted_by_those_behind()
    {
        QueueEvent[] events =
        [
            new Joined(At, 1, "u1", 0), new Joined(At, 2, "u2", 0),
            new Ended(At, 1, "u1", TokenStatus.Cancelled, EndReason.Left), new Admitted(At, 2, 1, Deadline),
        ];
        var entries = OfTokens("u1", events);
        Assert.Equal(["Joined", "Ended"], entries.Select(entry => $"{entry.What}"));
        Assert.Equal("LEFT: u1 left queue main and gave ticket 1 up.", entries[1].Why);
    }

    [Theory]
    [InlineData(EndReason.Paid, "PAID: u1 paid with p1, which used ticket 1 up.")]
    [InlineData(EndReason.Ttl, "TTL: The time of ticket 1 was over, and no live hold kept it longer.")]
    [InlineData(EndReason.Idle, "IDLE: Nothing was heard of ticket 1 for longer than queue main waits.")]
    [InlineData(EndReason.Left, "LEFT: u1 left queue main and gave ticket 1 up.")]
    [InlineData(EndReason.Requeued, "REQUEUED: u1 joined queue main again, which ended ticket 1 for a new place at the end.")]
    public void Each_end_of_a_token_is_said_in_words(EndReason reason, string why) => Assert.Equal(
        why, Assert.Single(OfTokens("u1", new Ended(At, 1, "u1", TokenStatus.Done, reason, "p1"))).Why);

    [Fact]
    public void An_operator_who_ends_a_token_is_quoted() => Assert.Equal(
        "ADMIN: An operator ended ticket 1 of queue main, saying: a bot",
        Assert.Single(OfTokens("u1", new Ended(At, 1, "u1", TokenStatus.Cancelled, EndReason.Admin, Why: "a bot"))).Why);

    [Fact]
    public void A_new_token_for_a_place_ends_the_old_one_and_not_the_place()
    {
        QueueEvent[] events =
        [
            new Joined(At, 1, "u1", 0), new Rotated(At, 1, "u1", 1), new Rotated(At, 2, "u2", 1), new Admitted(At, 1, 1, Deadline),
        ];
        var entries = OfTokens("u1", events);
        Assert.Equal(["Joined", "Ended", "Admitted"], entries.Select(entry => $"{entry.What}"));
        Assert.Equal(
            "ROTATED: u1 joined queue main again and got a new token for the place of ticket 1; the old token is void, the place stays.",
            entries[1].Why);
    }

    [Fact]
    public void An_end_says_why_where_somebody_said_so() => Assert.Equal(
        "LEFT: u1 left queue main and gave ticket 1 up. sorry",
        Assert.Single(OfTokens("u1", new Ended(At, 1, "u1", TokenStatus.Cancelled, EndReason.Left, null, "sorry"))).Why);

    private static ImmutableArray<TrailEntry> OfSeat(string seat, params IEnumerable<SeatEvent> events)
    {
        var trail = new SeatTrail(seat);
        foreach (var happened in events.Reverse())
        {
            trail.ObserveEarlier(happened);
        }

        return trail.Entries;
    }

    private static ImmutableArray<TrailEntry> OfTokens(string user, params IEnumerable<QueueEvent> events)
    {
        var trail = new TokenTrail("main", user);
        foreach (var happened in events.Reverse())
        {
            trail.ObserveEarlier(happened);
        }

        return trail.Entries;
    }
}
