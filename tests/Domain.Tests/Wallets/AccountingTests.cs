using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Tests.Wallets;

public class AccountingTests
{
    [Fact]
    public void A_wallet_may_be_filled_to_the_brim_and_not_beyond()
    {
        var wallet = With(Accounting.MaxBalance - 10);

        Assert.Null(Accounting.Charge(wallet, 10, "e", Some.Noon).Refused);
        var refused = Accounting.Charge(wallet, 11, "e", Some.Noon).Refused;
        Assert.Equal(WalletRefusal.LimitExceeded, ((WalletRefused)refused!).Reason);
        Assert.Equal(Accounting.MaxBalance, refused.With.Limit);
    }

    [Fact]
    public void The_whole_balance_may_be_spent_and_nothing_more()
    {
        Assert.Null(Accounting.Debit(With(10), "p", 10, Some.Noon, "e", Some.Noon).Refused);
        Assert.NotNull(Accounting.Debit(With(10), "p", 11, Some.Noon, "e", Some.Noon).Refused);
        Assert.Null(Accounting.Debit(With(0), "p", 0, Some.Noon, "e", Some.Noon).Refused);
    }

    [Fact]
    public void A_void_before_the_debit_lets_nothing_be_taken()
    {
        var wallet = With(10);
        wallet.Apply(Assert.Single(Accounting.Void(wallet, "p", Some.Noon, Some.Noon)));

        var refused = Accounting.Debit(wallet, "p", 1, Some.Noon, "e", Some.Noon).Refused;

        Assert.Equal(WalletRefusal.PaymentVoided, ((WalletRefused)refused!).Reason);
        Assert.Null(Accounting.Debit(wallet, "q", 1, Some.Noon, "e", Some.Noon).Refused);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_settled_debit_is_known_for_an_hour(long around, bool known)
    {
        var wallet = With(10);
        wallet.Apply(new Debited(Some.Noon, "e", "p", 10, 0));
        var settledAt = Some.Noon + TimeSpan.FromDays(1);
        wallet.Apply(new Receipted(settledAt, new("p", "r", "s", "c", "u", [], 10, 0, settledAt, true)));

        wallet.Apply(new Charged(settledAt + WalletState.SettledKnownFor + Some.Ms(around), "e", 1, 1));

        Assert.Equal(known, wallet.Find("p") is not null);
        Assert.Equal(TimeSpan.FromHours(1), WalletState.SettledKnownFor);
    }

    [Fact]
    public void A_debit_that_is_not_settled_is_known_for_ever()
    {
        var wallet = With(10);
        wallet.Apply(new Debited(Some.Noon, "e", "p", 10, 0));
        wallet.Apply(new Charged(Some.Noon + TimeSpan.FromDays(1_000), "e", 1, 1));

        Assert.Equal(DebitStatus.Debited, wallet.Find("p")?.Status);
    }

    [Fact]
    public void Payments_without_end_leave_no_more_than_an_hour_of_them()
    {
        var wallet = With(0);
        for (var minute = 0; minute < 1_000; minute++)
        {
            wallet.Apply(new DebitVoided(Some.Noon + TimeSpan.FromMinutes(minute), $"p{minute}"));
        }

        Assert.Equal(60, wallet.ToSnapshot().Debits.Length);
    }

    [Fact]
    public void A_refund_that_would_overflow_is_an_error_and_not_a_loss()
    {
        var wallet = With(long.MaxValue - 1);
        wallet.Apply(new Debited(Some.Noon, "e", "p", 1, long.MaxValue - 1));

        Assert.Throws<OverflowException>(() => Accounting.Refund(wallet, "p", 2, "e", Some.Noon));
    }

    [Fact]
    public void A_refund_asked_for_again_years_later_gives_nothing_more()
    {
        var wallet = With(0);
        wallet.Apply(Assert.Single(Accounting.Refund(wallet, "p", 10, "e", Some.Noon)));
        var later = Some.Noon + TimeSpan.FromDays(2_000);
        wallet.Apply(new Charged(later, "e", 1, 11));

        Assert.Empty(Accounting.Refund(wallet, "p", 10, "e", later));
        Assert.Empty(Accounting.Refund(WalletState.From(wallet.ToSnapshot()), "p", 10, "e", later));
        Assert.Equal((11, Some.Noon), (wallet.Balance, wallet.RefundedAt("p")));
    }

    [Fact]
    public void A_full_wallet_gets_its_money_back_all_the_same()
    {
        var wallet = With(Accounting.MaxBalance);
        wallet.Apply(Assert.Single(Accounting.Refund(wallet, "p", 10, "e", Some.Noon)));

        Assert.Equal(Accounting.MaxBalance + 10, wallet.Balance);
        Assert.NotNull(Accounting.Charge(wallet, 1, "e", Some.Noon).Refused);
    }

    [Fact]
    public void Less_than_nothing_is_given_back_to_nobody()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Accounting.Refund(With(10), "p", -1, "e", Some.Noon));
        Assert.Equal(new Refunded(Some.Noon, "e", "p", 0, 10), Assert.Single(Accounting.Refund(With(10), "p", 0, "e", Some.Noon)));
    }

    [Fact]
    public void Refunds_are_kept_oldest_first_and_none_is_nothing()
    {
        var wallet = With(0);
        Assert.Null(wallet.ToSnapshot().Refunds);

        wallet.Apply(new Refunded(Some.Noon + Some.Ms(1), "e", "p0", 1, 1));
        wallet.Apply(new Refunded(Some.Noon, "e", "p2", 1, 2));
        wallet.Apply(new Refunded(Some.Noon, "e", "p1", 1, 3));

        Assert.Equal(["p1", "p2", "p0"], wallet.ToSnapshot().Refunds!.Value.Select(refund => refund.PaymentId));
    }

    private static WalletState With(long balance) => WalletState.From(new(balance, []));
}
