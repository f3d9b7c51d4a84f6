using OrleansConcert.Domain.Audits;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Tests.Audits;

/// <summary>What is just in order and what just is not, in the words of the finding.</summary>
public class AuditBoundaryTests
{
    private static readonly Instant At = Some.Noon;
    private static readonly Instant Until = At + Some.QueuePolicy.ActiveTtl;
    private static readonly SeatsHeld Taken = new(At, "r1", "u1", 1, ["A-1-1"], 50_000, At + Some.Ms(1_000));
    private static readonly PaymentStarted Started = new(At, "r1", "p1", null);
    private static readonly SeatsSold Sold = new(At, "r1", "p1", 50_000);
    private static readonly Charged Charge = new(At, "e1", 100_000, 100_000);
    private static readonly Debited Debit = new(At, "e2", "p1", 50_000, 50_000);
    private static readonly PaymentSettled Settled = new(At, "r1", "p1");
    private static readonly Receipted Receipt = new(At, new("p1", "r1", "s", "c", "u1", [], 50_000, 0, At, true));
    private static readonly Ended Expired = new(At, 1, "u1", TokenStatus.Expired, EndReason.Idle);

    private readonly Auditor _auditor = new();

    public AuditBoundaryTests()
    {
        Queue(
            new QueueOpened(At, "standard", Some.QueuePolicy), new Joined(At, 1, "u1", 0), new Joined(At, 2, "u2", 0),
            new Admitted(At, 1, 1, Until));
        Seats(new ScheduleOpened(At, Some.Schedule()));
        Wallet("u1", Charge);
        Finds();
    }

    [Fact]
    public void What_was_no_hold_is_said_by_what_was_done_to_it()
    {
        Seats(
            new HoldConfirmed(At, "r1"), new HoldReleased(At, "r2", ReleaseReason.Released), new HoldLapsed(At, "r3"),
            Started with { ReservationId = "r4" });
        Finds(
            "reservation r1 was confirmed, but was no hold", "reservation r2 was released, but was no hold",
            "reservation r3 was lapsed, but was no hold", "reservation r4 was paid, but was no hold");
    }

    [Fact]
    public void What_was_not_in_flight_is_said_by_what_was_done_to_it()
    {
        Seats(Taken, Started, new PaymentAborted(At, "r1", "p2", AbortReason.WalletUnavailable), Sold with { PaymentId = "p3" });
        Finds(
            "reservation r1 was given up by p2, which was not its payment in flight",
            "reservation r1 was sold by p3, which was not its payment in flight",
            "payment p3 sold seats, but no debit stands for it");
    }

    [Theory]
    [InlineData(-1, "reservation r1 lapsed at {0}, before its deadline {1}")]
    [InlineData(0, null)]
    public void A_hold_lapses_at_its_deadline(long around, string? finding)
    {
        Seats(Taken, new HoldLapsed(Taken.ExpiresAt + Some.Ms(around), "r1"));
        Finds(finding is null ? [] : [string.Format(null, finding, Taken.ExpiresAt + Some.Ms(around), Taken.ExpiresAt)]);
    }

    [Fact]
    public void As_many_seats_as_are_allowed_are_in_order_and_cost_their_sum()
    {
        Seats(Taken with { Seats = ["A-1-1", "A-1-2", "B_2-1-1", "B_2-1-2"], Amount = 160_000 });
        Finds();
    }

    [Fact]
    public void A_hold_before_a_queue_that_is_not_there_is_found()
    {
        var schedule = Some.Schedule() with { QueueId = "other" };
        _auditor.Observe("saturday", new ScheduleOpened(At, schedule));
        _auditor.Observe("saturday", Taken);
        Finds("reservation r1 of u1 was made with ticket 1 of other, and there is no such queue");
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(501, true)]
    public void A_stream_goes_back_by_no_more_than_clocks_may_differ(long back, bool found)
    {
        var before = At - Some.Ms(back);
        Queue(new Joined(before, 3, "u3", 0));
        Seats(new HoldConfirmed(before, "r1"));
        Wallet("u1", new DebitVoided(before, "p9"));
        var because = $"what was written after {At} says that it happened at {before}";
        string[] late = [$"queue main: {because}", $"schedule friday: {because}", $"wallet of u1: {because}"];
        const string NoHold = "reservation r1 was confirmed, but was no hold";
        Finds(found ? [late[0], late[1], NoHold, late[2]] : [NoHold]);
    }

    [Fact]
    public void A_debit_of_another_wallet_is_found_though_the_amount_is_right()
    {
        Seats(Taken, Started);
        Wallet("u2", Charge, Debit);
        Finds("payment p1 of u1 over 50000 took 50000 of u2");
    }

    [Fact]
    public void One_receipt_and_one_settlement_belong_to_a_sale()
    {
        Buy();
        Wallet("u1", Receipt);
        Seats(Settled);
        Queue(Expired with { Status = TokenStatus.Done, Reason = EndReason.Paid, PaymentId = "p1" });
        Finds();

        Wallet("u1", Receipt);
        Seats(Settled);
        Finds(
            "payment p1 has a receipt of u1, but no sale waits for one", "payment p1 was settled, but no sale waited for that");
    }

    [Fact]
    public void A_sale_comes_once_and_its_receipt_says_what_was_paid()
    {
        Buy();
        Seats(Sold);
        Wallet("u1", new Receipted(At, Receipt.Receipt with { Amount = 49_999 }));
        Finds(
            "reservation r1 was sold by p1, which was not its payment in flight", "payment p1 sold twice",
            "payment p1 of u1 over 50000 has a receipt of u1 over 49999");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Accounting.MaxCharge)]
    public void The_least_and_the_largest_charge_are_in_order(long amount)
    {
        Wallet("u2", new Charged(At, "e1", amount, amount));
        Finds();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_payment_ends_a_ticket_again_but_none_that_was_never_issued(long ticket, bool found)
    {
        Buy();
        var done = Expired with { Ticket = ticket, Status = TokenStatus.Done, Reason = EndReason.Paid, PaymentId = "p1" };
        Queue(Expired with { Ticket = 2, UserId = "u2" }, Expired, done);
        Finds(found ? ["queue main: ticket 3 ended twice"] : []);
    }

    [Fact]
    public void What_is_settled_and_given_back_is_forgotten()
    {
        Buy();
        Seats(Settled);
        GiveBack();

        Seats(Taken, Started);
        Finds();
    }

    [Fact]
    public void What_is_given_back_and_then_settled_is_forgotten()
    {
        Buy();
        GiveBack();
        Seats(Settled);

        Seats(Taken, Started);
        Finds();
    }

    [Fact]
    public void What_is_given_back_and_not_settled_is_remembered()
    {
        Buy();
        GiveBack();

        Seats(Taken, Started);
        Finds("payment p1 was started twice");
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void A_key_stands_for_its_payment_for_a_day(long around, bool found)
    {
        var key = new Repeat("u1", "k", "ff");
        Seats(
            Taken, Taken with { ReservationId = "r2", Seats = ["A-1-2"] },
            Started with { Repeat = key }, Started with { Repeat = key, ReservationId = "r2", PaymentId = "p2" });
        Wallet("u1", Debit, Debit with { PaymentId = "p2", Balance = 0 });
        var later = At + TimeSpan.FromDays(1) + Some.Ms(around);
        Seats(Sold, new SeatsSold(later, "r2", "p2", 0));
        Finds(found ? ["one key of u1 made two payments: p1 and p2"] : []);
    }

    [Fact]
    public void An_admission_is_told_with_its_numbers()
    {
        Queue(new Admitted(At, 2, 2, Until));
        Finds("queue main: 2 were admitted through 2; 1 were first in line");
    }

    [Fact]
    public void A_token_may_end_when_its_hold_and_its_time_do()
    {
        Queue(new Pinned(At, 1, Until), Expired with { At = Until, Reason = EndReason.Ttl });
        Finds();
    }

    [Theory]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(101, 100)]
    public void A_hundred_findings_are_told_and_no_more(int wrong, int told)
    {
        Seats([.. Enumerable.Range(1, wrong).Select(number => new HoldConfirmed(At, $"x{number}"))]);
        Assert.Equal(told, _auditor.Conclude().Findings.Length);
    }

    [Fact]
    public void The_sums_are_over_all_schedules_and_wallets()
    {
        Buy();
        _auditor.Observe("saturday", new ScheduleOpened(At, Some.Schedule()));
        Wallet("u2", Charge);
        Queue(new Admitted(At, 2, 1, Until));
        foreach (var happened in new SeatEvent[]
        {
            Taken with { ReservationId = "r2", UserId = "u2", Ticket = 2 }, Started with { ReservationId = "r2", PaymentId = "p2" },
        })
        {
            _auditor.Observe("saturday", happened);
        }

        Wallet("u2", Debit with { PaymentId = "p2" });
        _auditor.Observe("saturday", Sold with { ReservationId = "r2", PaymentId = "p2" });

        Finds();
        Assert.Equal(new(200_000, 100_000, 0, 100_000, 2, 100_000, 2), _auditor.Conclude().Sums);
    }

    private void Buy()
    {
        Seats(Taken, Started);
        Wallet("u1", Debit);
        Seats(Sold);
    }

    private void GiveBack()
    {
        Seats(new RefundStarted(At, "r1", "p1", "admin", "why", null));
        Wallet("u1", new Refunded(At, "e3", "p1", 50_000, 100_000));
        Seats(new PaymentRefunded(At, "r1", "p1", At));
    }

    private void Finds(params string[] findings) => Assert.Equal(findings, _auditor.Conclude().Findings.ToArray());

    private void Queue(params ReadOnlySpan<QueueEvent> events)
    {
        foreach (var happened in events)
        {
            _auditor.Observe("main", happened);
        }
    }

    private void Seats(params ReadOnlySpan<SeatEvent> events)
    {
        foreach (var happened in events)
        {
            _auditor.Observe("friday", happened);
        }
    }

    private void Wallet(string user, params ReadOnlySpan<WalletEvent> events)
    {
        foreach (var happened in events)
        {
            _auditor.Observe(user, happened);
        }
    }
}
