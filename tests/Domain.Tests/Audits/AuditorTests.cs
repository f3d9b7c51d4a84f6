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
    private static readonly QueueOpened Queue = new(At, "standard", Some.QueuePolicy with { MaxActive = 1 });

    private readonly Auditor _auditor = new();

    [Fact]
    public void A_sale_with_its_debit_is_in_order()
    {
        Observe(Opened, Taken, Started);
        Observe("u1", Charge, Debit);
        Observe(Sold, new PaymentSettled(At, "r1", "p1"));
        Observe("u1", new Receipted(At, new("p1", "r1", "s", "c", "u1", [], 50_000, 0, At, true)));

        var (findings, sums) = _auditor.Conclude();

        Assert.Empty(findings);
        Assert.Equal(new(Charged: 50_000, Paid: 50_000, SoldSeats: 1, SoldValue: 50_000, Payments: 1), sums);
    }

    [Fact]
    public void A_payment_in_flight_and_one_given_back_are_in_order()
    {
        Observe(Opened, Taken, Started);
        Observe("u1", Charge, Debit);
        Assert.Empty(_auditor.Conclude().Findings);

        Observe("u1", new Refunded(At, "e3", "p1", 50_000, 50_000));
        Observe(new PaymentAborted(At, "r1", "p1", AbortReason.WalletUnavailable), new HoldLapsed(At + Some.Ms(1_000), "r1"));
        Observe(Taken with { ReservationId = "r2" });

        var (findings, sums) = _auditor.Conclude();
        Assert.Empty(findings);
        Assert.Equal(new(50_000, 50_000, 50_000, 50_000), sums);
    }

    [Fact]
    public void What_does_not_hold_of_seats_is_found()
    {
        Finds("opened twice", Opened, Opened);
        Finds("was taken by r2", Opened, Taken, Taken with { ReservationId = "r2" });
        Finds("does not have", Opened, Taken with { Seats = ["Z-1-1"], Amount = 0 });
        Finds("not the sum", Opened, Taken with { Amount = 1 });
        Finds("made twice", Opened, Taken, Taken with { Seats = ["A-1-2"] });
        Finds("before its deadline", Opened, Taken, new HoldLapsed(At + Some.Ms(999), "r1"));
        Finds("was no hold", Opened, new HoldReleased(At, "r1", ReleaseReason.Released));
        Finds("was no hold", Opened, new HoldConfirmed(At, "r1"));
        Finds("was no hold", Opened, new PaymentAborted(At, "r1", "p1", AbortReason.WalletUnavailable));
        Finds("was no hold", Opened, Sold);
        Finds("not a live hold", Opened, Taken, Started with { At = At + Some.Ms(1_000) });
        Finds("not a live hold", Opened, Taken, Started, Started with { PaymentId = "p2" });
        Finds("while its payment", Opened, Taken, Started, new HoldReleased(At, "r1", ReleaseReason.Released));
        Finds("not its payment", Opened, Taken, Started, Sold with { PaymentId = "p2" });
        Finds("no debit stands", Opened, Taken, Started, Sold);
    }

    [Fact]
    public void A_refund_in_flight_and_one_done_are_in_order_and_its_seats_are_sold_again()
    {
        Observe(Opened, Taken, Started);
        Observe("u1", Charge, Debit);
        Observe(Sold, Refund);
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
        Finds("after no sale", Opened, Taken, Refund);
        Finds("after Started", Opened, Taken, Started, Sold, Refund, Refund);
        Finds("after None", Opened, Taken, Started, Sold, Refunded);
        Finds("after Done", Opened, Taken, Started, Sold, Refund, Refunded, Refunded);
        Finds("of r2 was given back", Opened, Taken, Started, Sold, Refund with { ReservationId = "r2" });
        Finds("was taken by r2", Opened, Taken, Started, Sold, Refund, Taken with { ReservationId = "r2" });

        Observe(Opened, Taken, Started, Sold, Refund, Refunded);
        Observe("u1", Charge, Debit);
        Assert.Contains("u1 did not get the 50000", Assert.Single(_auditor.Conclude().Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void Money_that_came_back_while_its_sale_stands_is_found()
    {
        Observe(Opened, Taken, Started, Sold);
        Observe("u1", Charge, Debit, Credit);
        Assert.Contains("no debit stands", Assert.Single(_auditor.Conclude().Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_hold_of_wallets_is_found()
    {
        Finds("says balance", Charge with { Balance = 1 });
        Finds("says balance", Debit with { Balance = -50_000 });
        Finds("debited twice", Charge, Debit with { Amount = 1, Balance = 49_999 }, Debit with { Amount = 1, Balance = 49_998 });
        Finds("given up after", Charge, Debit, new DebitVoided(At, "p1"));
        Finds("without a debit of that amount", Charge, new Refunded(At, "e", "p1", 1, 50_001));
        Finds("without a debit of that amount", Charge, Debit, new Refunded(At, "e", "p1", 1, 1));
        Finds("has a receipt", Charge, new Receipted(At, new("p1", "r1", "s", "c", "u1", [], 1, 0, At, true)));
        Finds("no seats were sold", Charge, Debit);
    }

    [Fact]
    public void What_does_not_hold_of_queues_is_found()
    {
        var (first, second) = (new Joined(At, 1, "u1", 0), new Joined(At, 2, "u2", 0));
        Finds("came after", Queue, second, first);
        Finds("while having a live one", Queue, first, second with { UserId = "u1" });
        Finds("first in line", Queue, first, second, new Admitted(At, 2, 1, At));
        Finds("first in line", Queue, first, new QueuePaused(At), new Admitted(At, 1, 1, At));
        Finds("above 1", Queue, first, second, new Admitted(At, 2, 2, At));
        Finds("ended twice", Queue, first, Left(1), Left(1));
        Finds("ended twice", Queue, Left(1));
    }

    [Fact]
    public void One_payment_in_two_wallets_or_two_schedules_is_found_and_does_not_stop_the_audit()
    {
        Observe("u1", Charge, Debit);
        Observe("u2", Charge, Debit);
        Observe(Opened, Taken, Started, Sold);
        foreach (var happened in new SeatEvent[] { Opened, Taken, Started, Sold })
        {
            _auditor.Observe("saturday", happened);
        }

        var (findings, sums) = _auditor.Conclude();
        Assert.Contains(findings, finding => finding.Contains("p1 was debited from u1 and from u2", StringComparison.Ordinal));
        Assert.Contains(findings, finding => finding.Contains("p1 sold twice", StringComparison.Ordinal));
        Assert.Equal((100_000, 2, 100_000), (sums.Paid, sums.SoldSeats, sums.SoldValue));
    }

    [Fact]
    public void The_sale_of_one_amount_and_the_debit_of_another_are_found()
    {
        Observe("u2", Charge, Debit);
        Observe(Opened, Taken, Started, Sold);
        Assert.Contains("but debited 50000 of u2", Assert.Single(_auditor.Conclude().Findings), StringComparison.Ordinal);
    }

    private static Ended Left(long ticket) => new(At, ticket, "u1", TokenStatus.Cancelled, EndReason.Left);

    private static void Finds(string part, params ReadOnlySpan<SeatEvent> events)
    {
        var auditor = new Auditor();
        foreach (var happened in events)
        {
            auditor.Observe("friday", happened);
        }

        Assert.Contains(auditor.Conclude().Findings, finding => finding.Contains(part, StringComparison.Ordinal));
    }

    private static void Finds(string part, params ReadOnlySpan<WalletEvent> events)
    {
        var auditor = new Auditor();
        foreach (var happened in events)
        {
            auditor.Observe("u1", happened);
        }

        Assert.Contains(auditor.Conclude().Findings, finding => finding.Contains(part, StringComparison.Ordinal));
    }

    private static void Finds(string part, params ReadOnlySpan<QueueEvent> events)
    {
        var auditor = new Auditor();
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
