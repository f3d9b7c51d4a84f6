using OrleansConcert.Domain.Payments;

namespace OrleansConcert.Domain.Wallets;

/// <summary>Why a wallet says no, in order of precedence.</summary>
public enum WalletRefusal
{
    /// <summary>The amount is outside 1 to <see cref="Accounting.MaxCharge"/>.</summary>
    InvalidAmount,

    /// <summary>The balance would pass what a wallet may hold (<c>limit</c>).</summary>
    LimitExceeded,

    /// <summary>The payment was given up; it takes nothing any more.</summary>
    PaymentVoided,

    /// <summary>The balance is below the amount. Worth a retry after a charge.</summary>
    InsufficientBalance,
}

/// <summary>A wallet's no, with its reason.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.WalletRefused")]
public sealed record WalletRefused([property: Id(0)] WalletRefusal Reason) : Refused;

/// <summary>The rules of money. Every debit goes by the id of its payment, so that asking twice takes once.</summary>
public static class Accounting
{
    /// <summary>The largest single charge.</summary>
    public const long MaxCharge = 100_000_000;

    /// <summary>What a wallet may hold: far from where sums overflow.</summary>
    public const long MaxBalance = 1_000_000_000_000_000;

    public static Decision<WalletEvent> Charge(WalletState wallet, long amount, string entryId, Instant now)
    {
        if (amount is < 1 or > MaxCharge)
        {
            return No(WalletRefusal.InvalidAmount, new() { Amount = amount, Limit = MaxCharge });
        }

        return wallet.Balance > MaxBalance - amount
            ? No(WalletRefusal.LimitExceeded, new() { Limit = MaxBalance })
            : Decision<WalletEvent>.Yes(new Charged(now, entryId, amount, wallet.Balance + amount));
    }

    /// <summary>
    /// Takes the money for a payment, once. Already taken: yes, and nothing happens. One that is not known and began so long ago that it
    /// may have been forgotten is over: nothing is taken.
    /// </summary>
    /// <param name="startedAt">When the payment began.</param>
    public static Decision<WalletEvent> Debit(
        WalletState wallet, string paymentId, long amount, Instant startedAt, string entryId, Instant now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        if (wallet.RefundedAt(paymentId) is not null)
        {
            return No(WalletRefusal.PaymentVoided);
        }

        switch (wallet.Find(paymentId)?.Status)
        {
            case DebitStatus.Debited or DebitStatus.Settled:
                return Decision<WalletEvent>.Already(0);
            case DebitStatus.Voided:
            case null when MayBeForgotten(startedAt, now):
                return No(WalletRefusal.PaymentVoided);
            default:
                return wallet.Balance < amount
                    ? No(WalletRefusal.InsufficientBalance, new() { Balance = wallet.Balance, Amount = amount })
                    : Decision<WalletEvent>.Yes(new Debited(now, entryId, paymentId, amount, wallet.Balance - amount));
        }
    }

    /// <summary>
    /// Makes sure that a payment which is given up takes nothing, should its debit still come. No effect on a debit already made, nor on
    /// a payment that may have been forgotten: its debit would take nothing anyway.
    /// </summary>
    /// <param name="startedAt">When the payment began.</param>
    public static ImmutableArray<WalletEvent> Void(WalletState wallet, string paymentId, Instant startedAt, Instant now) =>
        wallet.Find(paymentId) is null && !MayBeForgotten(startedAt, now) ? [new DebitVoided(now, paymentId)] : [];

    private static bool MayBeForgotten(Instant startedAt, Instant now) => startedAt + WalletState.DebitableFor <= now;

    /// <summary>
    /// Gives the money of a payment that was made back, once and for ever. It is never refused, be the wallet fuller than a charge
    /// may fill it: a balance is at most the sum of all charges, which no number of refunds brings near an overflow.
    /// </summary>
    public static ImmutableArray<WalletEvent> Refund(
        WalletState wallet, string paymentId, long amount, string entryId, Instant now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        return wallet.RefundedAt(paymentId) is null && wallet.Find(paymentId) is not { Status: DebitStatus.Voided }
            ? [new Refunded(now, entryId, paymentId, amount, checked(wallet.Balance + amount))]
            : [];
    }

    /// <summary>The payment is over: its receipt goes into the history, once.</summary>
    public static ImmutableArray<WalletEvent> Settle(WalletState wallet, Receipt receipt, Instant now) =>
        wallet.Find(receipt.PaymentId) is { Status: DebitStatus.Debited } ? [new Receipted(now, receipt)] : [];

    private static Decision<WalletEvent> No(WalletRefusal reason, Particulars? with = null) =>
        Decision<WalletEvent>.No(new WalletRefused(reason) { With = with ?? Particulars.None });
}
