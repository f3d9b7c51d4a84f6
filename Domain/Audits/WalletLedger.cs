using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Audits;

/// <summary>The auditor's book of one wallet: its balance as the sum of its entries.</summary>
internal sealed class WalletLedger(string userId, PaymentLedger payments, Action<string> find)
{
    private Instant _last;

    public long Charged { get; private set; }

    public long Paid { get; private set; }

    public long Refunded { get; private set; }

    public long Balance { get; private set; }

    public void Observe(WalletEvent happened)
    {
        _last = Auditor.InTime($"wallet of {userId}", _last, happened.At, find);
        switch (happened)
        {
            case Charged charged:
                if (charged.Amount is < 1 or > Accounting.MaxCharge)
                {
                    find($"wallet of {userId}: entry {charged.EntryId} charged {charged.Amount}");
                }

                Charged += charged.Amount;
                Move(charged.EntryId, charged.Amount, charged.Balance);
                break;
            case Debited debited:
                Paid += debited.Amount;
                payments.Debited(userId, debited);
                Move(debited.EntryId, -debited.Amount, debited.Balance);
                break;
            case DebitVoided voided:
                payments.Voided(userId, voided);
                break;
            case Refunded refunded:
                Refunded += refunded.Amount;
                payments.Credited(userId, refunded);
                Move(refunded.EntryId, refunded.Amount, refunded.Balance);
                break;
            case Receipted receipted:
                payments.Receipted(userId, receipted);
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
