namespace OrleansConcert.Domain.Wallets;

/// <summary>What a wallet knows of a payment.</summary>
public enum DebitStatus
{
    /// <summary>The money was taken; the payment is not settled yet.</summary>
    Debited,

    /// <summary>Nothing was taken, and nothing will be.</summary>
    Voided,

    /// <summary>The payment is over.</summary>
    Settled,
}

/// <summary>A debit by the id of its payment.</summary>
public sealed record Debit(string PaymentId, DebitStatus Status, long Amount, long BalanceAfter, Instant At);

/// <summary>
/// A user's money: the balance, and the debits whose payment may still ask for them. O(1): a debit is forgotten
/// <see cref="SettledKnownFor"/> after its payment is over. Refunds, which are rare, stay known for good: however late one is asked
/// for again, the money goes back once.
/// </summary>
/// <remarks>Invariant: the balance is the sum of the entries and never below zero. It changes by <see cref="Apply"/> only.</remarks>
public sealed class WalletState
{
    /// <summary>Far longer than any call can be under way: a debit that was delayed meets its own trace.</summary>
    public static readonly TimeSpan SettledKnownFor = TimeSpan.FromHours(1);

    /// <summary>A debit may be made so long after its payment began: until what was known of it may be forgotten. Clocks differ.</summary>
    public static readonly TimeSpan DebitableFor = SettledKnownFor - TimeSpan.FromMinutes(1);

    private readonly List<Debit> _debits = [];
    private readonly Dictionary<string, Instant> _refunds = new(StringComparer.Ordinal);

    public long Balance { get; private set; }

    public Debit? Find(string paymentId) => _debits.Find(debit => debit.PaymentId == paymentId);

    /// <summary>When the money of a payment was given back, or null where it was not.</summary>
    public Instant? RefundedAt(string paymentId) => _refunds.TryGetValue(paymentId, out var at) ? at : null;

    /// <summary>Folds one event.</summary>
    public void Apply(WalletEvent happened)
    {
        switch (happened)
        {
            case Charged charged:
                Balance = charged.Balance;
                break;
            case Debited debited:
                Balance = debited.Balance;
                _debits.Add(new(debited.PaymentId, DebitStatus.Debited, debited.Amount, debited.Balance, debited.At));
                break;
            case DebitVoided voided:
                _debits.Add(new(voided.PaymentId, DebitStatus.Voided, 0, Balance, voided.At));
                break;
            case Refunded refunded:
                Balance = refunded.Balance;
                _refunds.Add(refunded.PaymentId, refunded.At);
                break;
            case Receipted receipted:
                Mark(receipted.Receipt.PaymentId, DebitStatus.Settled, receipted.At);
                break;
            default:
                throw new InvalidOperationException($"A wallet does not know the event {happened.GetType().Name}.");
        }

        _debits.RemoveAll(debit => debit.Status != DebitStatus.Debited && debit.At + SettledKnownFor <= happened.At);
    }

    private void Mark(string paymentId, DebitStatus status, Instant at)
    {
        var index = _debits.FindIndex(debit => debit.PaymentId == paymentId);
        if (index >= 0)
        {
            _debits[index] = _debits[index] with { Status = status, At = at };
        }
    }

    /// <summary>The state as a value; the same state always gives the same value.</summary>
    public WalletSnapshot ToSnapshot() => new(Balance, [.. _debits], _refunds.Count == 0 ? null : [.. _refunds
        .OrderBy(refund => refund.Value).ThenBy(refund => refund.Key, StringComparer.Ordinal)
        .Select(refund => new RefundMade(refund.Key, refund.Value))]);

    public static WalletState From(WalletSnapshot snapshot)
    {
        var state = new WalletState { Balance = snapshot.Balance };
        state._debits.AddRange(snapshot.Debits);
        foreach (var refund in snapshot.Refunds ?? [])
        {
            state._refunds.Add(refund.PaymentId, refund.At);
        }

        return state;
    }
}
