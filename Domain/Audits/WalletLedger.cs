using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Audits;

/// <summary>A debit as the wallet tells it.</summary>
internal sealed record DebitEntry(string PaymentId, string UserId, long Amount, bool Refunded);

/// <summary>The auditor's book of one wallet: its balance as the sum of its entries.</summary>
internal sealed class WalletLedger(string userId, Action<string> find)
{
    private readonly Dictionary<string, DebitEntry> _debits = new(StringComparer.Ordinal);

    public long Charged { get; private set; }

    public long Balance { get; private set; }

    public IEnumerable<DebitEntry> Debits => _debits.Values;

    public void Observe(WalletEvent happened)
    {
        switch (happened)
        {
            case Charged charged:
                Charged += charged.Amount;
                Move(charged.EntryId, charged.Amount, charged.Balance);
                break;
            case Debited debited:
                if (!_debits.TryAdd(debited.PaymentId, new(debited.PaymentId, userId, debited.Amount, Refunded: false)))
                {
                    find($"payment {debited.PaymentId} was debited twice from {userId}");
                }

                Move(debited.EntryId, -debited.Amount, debited.Balance);
                break;
            case DebitVoided voided when _debits.ContainsKey(voided.PaymentId):
                find($"payment {voided.PaymentId} was given up after its debit from {userId}");
                break;
            case Refunded refunded:
                if (!_debits.TryGetValue(refunded.PaymentId, out var debit) || debit.Refunded || debit.Amount != refunded.Amount)
                {
                    find($"payment {refunded.PaymentId} was refunded to {userId} without a debit of that amount");
                }
                else
                {
                    _debits[refunded.PaymentId] = debit with { Refunded = true };
                }

                Move(refunded.EntryId, refunded.Amount, refunded.Balance);
                break;
            case Receipted receipted when !_debits.ContainsKey(receipted.Receipt.PaymentId):
                find($"payment {receipted.Receipt.PaymentId} has a receipt of {userId} without a debit");
                break;
        }
    }

    private void Move(string entryId, long amount, long balance)
    {
        Balance += amount;
        if (Balance != balance || Balance < 0)
        {
            find($"wallet of {userId}: entry {entryId} says balance {balance}, its entries sum to {Balance}");
            Balance = balance;
        }
    }
}
