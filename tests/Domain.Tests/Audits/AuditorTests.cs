using OrleansConcert.Domain.Audits;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Tests.Audits;

public class AuditorTests
{
    private static readonly Instant At = Some.Noon;
    private static readonly ScheduleOpened Opened = new(At, Some.Schedule());
    private static readonly SeatsHeld Taken = new(At, "r1", "u1", 1, ["A-1-1"], 50_000, At + Some.Ms(1_000));
    private static readonly PaymentStarted Started = new(At, "r1", "p1", null);
    private static readonly SeatsSold Sold = new(At, "r1", "p1", 0);
    private static readonly Charged Charge = new(At, "e1", 50_000, 50_000);
    private static readonly Debited Debit = new(At, "e2", "p1", 50_000, 0);
    private static readonly RefundStarted Refund = new(At, "r1", "p1", "admin", "why", null);
    private static readonly Refunded Credit = new(At, "e3", "p1", 50_000, 50_000);
    private static readonly PaymentRefunded Refunded = new(At, "r1", "p1", At);
    private static readonly Receipted Receipt = new(At, new("p1", "r1", "s", "c", "u1", [], 50_000, 0, At, true));
    private static readonly QueueOpened Queue = new(At, "standard", Some.QueuePolicy with { MaxActive = 1 });

    private readonly Auditor _auditor = Opening();

    [Fact]
    public void A_sale_with_its_debit_is_in_order()
    {
        Observe(Taken, Started);
        Observe("u1", Charge, Debit);
        Observe(Sold);
        Observe("u1", Receipt);
        Observe(new PaymentSettled(At, "r1", "p1"));

        var (findings, sums) = _auditor.Conclude();

        Assert.Empty(findings);
        Assert.Equal(new(Charged: 50_000, Paid: 50_000, SoldSeats: 1, SoldValue: 50_000, Payments: 1), sums);
    }

    [Fact]
    public void A_payment_in_flight_and_one_given_back_are_in_order()
    {
        Observe(Taken, Started);
        Observe("u1", Charge);
        Observe(new PaymentAborted(At, "r1", "p1", AbortReason.InsufficientBalance), Started with { PaymentId = "p2" });
        Observe("u1", Debit with { PaymentId = "p2" });

        var (findings, sums) = _auditor.Conclude();
        Assert.Empty(findings);
        Assert.Equal(new(Charged: 50_000, Paid: 50_000), sums);
    }

    [Fact]
    public void A_refund_in_flight_and_one_done_are_in_order_and_its_seats_are_sold_again()
    {
        Buy();
        Observe(Refund);
        Assert.Empty(_auditor.Conclude().Findings);
        Observe("u1", Credit);
        Assert.Empty(_auditor.Conclude().Findings);
        Observe(Refunded);
        var (findings, sums) = _auditor.Conclude();
        Assert.Empty(findings);
        Assert.Equal(new(50_000, 50_000, 50_000, 50_000, Payments: 1), sums);

        Observe(Taken with { ReservationId = "r2" }, Started with { ReservationId = "r2", PaymentId = "p2" });
        Observe("u1", Debit with { PaymentId = "p2" });
        Observe(Sold with { ReservationId = "r2", PaymentId = "p2" });
        (findings, sums) = _auditor.Conclude();
        Assert.Empty(findings);
        Assert.Equal(new(50_000, 100_000, 50_000, 0, 1, 50_000, 2), sums);
    }

    [Fact]
    public void What_does_not_hold_of_refunds_is_found()
    {
        Finds("had sold nothing", Taken, Started, Refund);
        Finds("had not bought it", Taken, Started, Refund);

        Buy();
        Observe("u1", Credit);
        Finds("no refund of that was in flight");
        Observe(Refunded);
        Finds("its money was not given back");
        Observe(Taken with { ReservationId = "r2" }, Refund);
        Finds("refunded by p1, which had not bought it");
    }

    [Fact]
    public void A_refund_of_another_amount_or_to_another_wallet_is_found()
    {
        Buy();
        Observe(Refund);
        Observe("u1", Credit with { Amount = 1, Balance = 1 });
        Finds("gave 1 to u1");
        Observe("u2", Credit);
        Finds("gave 50000 to u2");
    }

    [Fact]
    public void What_does_not_hold_of_seats_is_found()
    {
        Finds("opened twice", Opened);
        Finds("was taken by r2", Taken, Taken with { ReservationId = "r2" });
        Finds("does not have", Taken with { Seats = ["Z-1-1"], Amount = 0 });
        Finds("not the sum", Taken with { Amount = 1 });
        Finds("made twice", Taken, Taken with { Seats = ["A-1-2"] });
        Finds("outside the sales window", Taken with { At = At - Some.Ms(1) });
        Finds("are allowed", Taken with { Seats = ["A-1-1", "A-1-2", "A-1-3", "A-1-4", "A-2-1"], Amount = 250_000 });
        Finds("against the policy", Taken with { ExpiresAt = At + Some.Ms(300_001) });
        Finds("against the policy", Taken with { ExpiresAt = At });
        Finds("never issued", Taken with { Ticket = 3 });
        Finds("still waiting", Taken with { Ticket = 2, UserId = "u2" });
        Finds("which is u1's", Taken with { UserId = "u2" });
        Finds("before its deadline", Taken, new HoldLapsed(At + Some.Ms(999), "r1"));
        Finds("was no hold", new HoldReleased(At, "r1", ReleaseReason.Released));
        Finds("was no hold", new HoldConfirmed(At, "r1"));
        Finds("its deadline was", Taken, new HoldConfirmed(At + Some.Ms(1_000), "r1"));
        Finds("its deadline was", Taken, new HoldReleased(At + Some.Ms(1_000), "r1", ReleaseReason.Released));
        Finds("not its payment", new PaymentAborted(At, "r1", "p1", AbortReason.WalletUnavailable));
        Finds("not its payment", Sold);
        Finds("its deadline was", Taken, Started with { At = At + Some.Ms(1_000) });
        Finds("was paid while its payment", Taken, Started, Started with { PaymentId = "p2" });
        Finds("while its payment", Taken, Started, new HoldReleased(At, "r1", ReleaseReason.Released));
        Finds("not its payment", Taken, Started, Sold with { PaymentId = "p2" });
        Finds("no debit stands", Taken, Started, Sold);
        Finds("no sale waited", Taken, Started, new PaymentSettled(At, "r1", "p1"));
        Finds("says that it happened", Taken, new HoldConfirmed(At - Some.Ms(501), "r1"));
    }

    [Fact]
    public void What_does_not_hold_of_wallets_is_found()
    {
        Finds("says balance", Charge with { Balance = 1 });
        Finds("charged 0", Charge with { Amount = 0, Balance = 0 });
        Finds("says balance", Debit with { Balance = -50_000 });
        Finds("no such payment was in flight", Charge, Debit);
        Finds("no refund of that was in flight", Charge, new Refunded(At, "e", "p1", 1, 50_001));
        Finds("no sale waits", Charge, Receipt);
    }

    [Fact]
    public void What_does_not_hold_between_a_payment_and_its_wallet_is_found()
    {
        Observe(Taken, Started);
        Observe("u1", Charge with { Amount = 200_000, Balance = 200_000 }, Debit with { Balance = 150_000 });
        Observe("u1", new DebitVoided(At, "p1"));
        Finds("given up after");
        Observe("u1", Debit with { Balance = 100_000 });
        Finds("debited twice");
        Observe("u2", Debit with { Amount = 0, Balance = 0 });
        Finds("over 50000 took 0 of u2");
        Observe(new PaymentAborted(At, "r1", "p1", AbortReason.WalletUnavailable));
        Finds("no seats were sold for it");
    }

    [Fact]
    public void A_key_that_made_two_payments_within_a_day_is_found()
    {
        var key = new Repeat("u1", "k", "ff");
        Observe("u1", Charge with { Amount = 100_000, Balance = 100_000 });
        Observe(Taken, Taken with { ReservationId = "r2", Seats = ["A-1-2"] });
        Observe(Started with { Repeat = key }, Started with { Repeat = key, ReservationId = "r2", PaymentId = "p2" });
        Observe("u1", Debit with { Balance = 50_000 }, Debit with { PaymentId = "p2" });
        Observe(Sold);
        Assert.Empty(_auditor.Conclude().Findings);
        Observe(Sold with { ReservationId = "r2", PaymentId = "p2" });
        Finds("made two payments: p1 and p2");
    }

    [Fact]
    public void What_does_not_hold_of_queues_is_found()
    {
        var (third, fourth) = (new Joined(At, 3, "u3", 0), new Joined(At, 4, "u4", 0));
        var until = At + Queue.Policy.ActiveTtl;
        Finds("came after", fourth);
        Finds("came after", third, third with { UserId = "u4" });
        Finds("while having a live one", third with { UserId = "u1" });
        Finds("draining", new QueueDraining(At), third);
        Finds("first in line", new Admitted(At, 2, 2, until));
        Finds("was paused", new QueuePaused(At), new Admitted(At, 2, 1, until));
        Finds("above 1", new Admitted(At, 2, 1, until));
        Finds("against the policy", new Admitted(At, 2, 1, until + Some.Ms(1)));
        Finds("ended twice", Left(1), Left(1));
        Finds("ended twice", Left(3));
        Finds("ended as u1's", Left(2));
        Finds("before", Left(1) with { Status = TokenStatus.Expired, Reason = EndReason.Ttl });
        Finds("was not ACTIVE", Left(2) with { Status = TokenStatus.Expired, Reason = EndReason.Ttl, UserId = "u2" });
        var idle = Left(1) with { Status = TokenStatus.Expired, Reason = EndReason.Idle };
        Finds("while a hold kept it", new Pinned(At, 1, At + Some.Ms(1)), idle);
        Finds("did not make", Left(1) with { Status = TokenStatus.Done, Reason = EndReason.Paid, PaymentId = "p1" });
    }

    [Fact]
    public void Sums_that_do_not_add_up_are_found()
    {
        Observe("u1", Charge, Charge with { Balance = 50_000 });
        Assert.Contains(_auditor.Conclude().Findings, finding => finding.StartsWith("charges 100000", StringComparison.Ordinal));
    }

    private static Ended Left(long ticket) => new(At, ticket, "u1", TokenStatus.Cancelled, EndReason.Left);

    /// <summary>A queue where u1 is ACTIVE and u2 waits, and a schedule behind it.</summary>
    private static Auditor Opening()
    {
        var auditor = new Auditor();
        foreach (var happened in new QueueEvent[]
        {
            Queue, new Joined(At, 1, "u1", 0), new Joined(At, 2, "u2", 0), new Admitted(At, 1, 1, At + Queue.Policy.ActiveTtl),
        })
        {
            auditor.Observe("main", happened);
        }

        auditor.Observe("friday", Opened);
        Assert.Empty(auditor.Conclude().Findings);
        return auditor;
    }

    private void Buy()
    {
        Observe(Taken, Started);
        Observe("u1", Charge, Debit);
        Observe(Sold);
        Assert.Empty(_auditor.Conclude().Findings);
    }

    private void Finds(string part) =>
        Assert.Contains(_auditor.Conclude().Findings, finding => finding.Contains(part, StringComparison.Ordinal));

    private static void Finds(string part, params ReadOnlySpan<SeatEvent> events)
    {
        var auditor = Opening();
        foreach (var happened in events)
        {
            auditor.Observe("friday", happened);
        }

        Assert.Contains(auditor.Conclude().Findings, finding => finding.Contains(part, StringComparison.Ordinal));
    }

    private static void Finds(string part, params ReadOnlySpan<WalletEvent> events)
    {
        var auditor = Opening();
        foreach (var happened in events)
        {
            auditor.Observe("u1", happened);
        }

        Assert.Contains(auditor.Conclude().Findings, finding => finding.Contains(part, StringComparison.Ordinal));
    }

    private static void Finds(string part, params ReadOnlySpan<QueueEvent> events)
    {
        var auditor = Opening();
        foreach (var happened in events)
        {
            auditor.Observe("main", happened);
        }

        Assert.Contains(auditor.Conclude().Findings, finding => finding.Contains(part, StringComparison.Ordinal));
    }

    private void Observe(params ReadOnlySpan<SeatEvent> events)
    {
        foreach (var happened in events)
        {
            _auditor.Observe("friday", happened);
        }
    }

    private void Observe(string userId, params ReadOnlySpan<WalletEvent> events)
    {
        foreach (var happened in events)
        {
            _auditor.Observe(userId, happened);
        }
    }
}
