using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Tests.Seats;

/// <summary>
/// Why no payment has to be refunded by itself: where the debit was made, the sale can always complete. Only a wallet's no gives a payment
/// up, and a wallet that took the money never says no again.
/// </summary>
public class PayingTests
{
    [Fact]
    public void Whatever_happens_meanwhile_a_payment_in_flight_can_be_completed() => Walk.Each(seeds: 200, steps: 30, random =>
    {
        var (schedule, now, version) = (new ScheduleState(), Some.Noon, 0L);
        Fold(new ScheduleOpened(now, Some.Schedule()));
        Fold(new SeatsHeld(now, "r", "u", 1, ["A-1-1"], 50_000, now + Some.Ms(1_000)));
        Fold(new PaymentStarted(now, "r", "p", null));
        return () =>
        {
            now += Some.Ms(random.Pick<long>(0, 1, 999, 1_000, 86_400_000, 2_600_000_000));
            var seats = new Holder($"u{random.Next(3)}", 1, $"r{version}", now + Some.Ms(500));
            ImmutableArray<SeatEvent> events = random.Next(6) switch
            {
                0 => Holding.Lapses(schedule, now),
                1 => Holding.Release(schedule, "r", "u", now).Events,
                2 => Holding.ReleaseAll(schedule, "u", 1, random.Pick(Enum.GetValues<ReleaseReason>()), now),
                3 => Holding.Confirm(schedule, "r", "u", now).Events,
                4 => Holding.Hold(schedule, seats, ["A-1-1"], now).Events,
                _ => Paying.Start(schedule, "r", "u", $"p{version}", null, now).Events,
            };
            Assert.Empty(events);
            Assert.Equal(new SeatsSold(now, "r", "p", 7), Assert.Single(Paying.Complete(schedule, "r", "p", 7, now)));
        };

        void Fold(SeatEvent happened) => schedule.Apply(happened, ++version);
    });

    [Fact]
    public void A_wallet_that_took_the_money_never_says_no_while_the_payment_is_in_flight() => Walk.Each(seeds: 200, steps: 30, random =>
    {
        var (wallet, now) = (new WalletState(), Some.Noon);
        wallet.Apply(new Charged(now, "e", 50, 50));
        wallet.Apply(new Debited(now, "e", "p", 50, 0));
        return () =>
        {
            now += Some.Ms(random.Pick<long>(0, 1, 3_600_000, 86_400_000));
            var other = $"q{random.Next(3)}";
            ImmutableArray<WalletEvent> events = random.Next(4) switch
            {
                0 => Accounting.Charge(wallet, random.Next(1, 50), "e", now).Events,
                1 => Accounting.Debit(wallet, other, random.Next(50), now, "e", now).Events,
                2 => Accounting.Void(wallet, other, now, now),
                _ => Accounting.Settle(wallet, new(other, "r", "s", "c", "u", [], 1, 0, now, true), now),
            };
            foreach (var happened in events)
            {
                wallet.Apply(happened);
            }

            Assert.Null(Accounting.Debit(wallet, "p", 50, Some.Noon, "e", now).Refused);
            Assert.Empty(Accounting.Debit(wallet, "p", 50, Some.Noon, "e", now).Events);
            Assert.Empty(Accounting.Void(wallet, "p", Some.Noon, now));
            Assert.Equal(DebitStatus.Debited, wallet.Find("p")!.Status);
        };
    });
}
