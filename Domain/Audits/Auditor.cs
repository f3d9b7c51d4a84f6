using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Audits;

/// <summary>Sums over everything that ever happened; seats and value are of what is sold now, payments of all that were made.</summary>
public sealed record AuditSums(
    long Charged = 0, long Paid = 0, long Refunded = 0, long Balances = 0, long SoldSeats = 0, long SoldValue = 0, long Payments = 0);

/// <summary>
/// Folds the events of every stream, in the order in which they became durable, and says what does not hold. It trusts no
/// state: it keeps books of its own, simpler than those it checks.
/// </summary>
/// <remarks>
/// A payment in flight is no finding: its debit may be there before its sale. Nor is a refund in flight: its money may be back before
/// the seats are free.
/// </remarks>
public sealed class Auditor
{
    private const int MaxFindings = 100;
    private readonly Dictionary<string, SeatLedger> _schedules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WalletLedger> _wallets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QueueLedger> _queues = new(StringComparer.Ordinal);
    private readonly List<string> _findings = [];

    /// <summary>What was found so far, by each event on its own; without what only <see cref="Conclude"/> can tell.</summary>
    public IReadOnlyList<string> Findings => _findings;

    public void Observe(string scheduleId, SeatEvent happened) =>
        LedgerOf(_schedules, scheduleId, id => new SeatLedger(id, Find)).Observe(happened);

    public void Observe(string userId, WalletEvent happened) =>
        LedgerOf(_wallets, userId, id => new WalletLedger(id, Find)).Observe(happened);

    public void Observe(string queueId, QueueEvent happened) =>
        LedgerOf(_queues, queueId, id => new QueueLedger(id, Find)).Observe(happened);

    /// <summary>What the books of schedules and wallets say of each other, and the sums. To be asked at the end.</summary>
    public (ImmutableArray<string> Findings, AuditSums Sums) Conclude()
    {
        var debits = _wallets.Values.SelectMany(wallet => wallet.Debits).ToArray();
        var sales = _schedules.Values.SelectMany(schedule => schedule.Sales).ToArray();
        var debitOf = Once(debits, debit => debit.PaymentId, (one, other) =>
            $"payment {one.PaymentId} was debited from {one.UserId} and from {other.UserId}");
        var saleOf = Once(sales, sale => sale.PaymentId, (one, _) => $"payment {one.PaymentId} sold twice, in two schedules");
        var inFlight = _schedules.Values.SelectMany(schedule => schedule.InFlight).ToHashSet(StringComparer.Ordinal);
        foreach (var sale in sales)
        {
            if (!debitOf.TryGetValue(sale.PaymentId, out var debit) || (debit.Refunded && sale.Refund == Giving.None))
            {
                Find($"payment {sale.PaymentId} sold seats, but no debit stands for it");
            }
            else if (!debit.Refunded && sale.Refund == Giving.Done)
            {
                Find($"payment {sale.PaymentId} was given back, but {debit.UserId} did not get the {debit.Amount}");
            }
            else if (debit.Amount != sale.Amount || debit.UserId != sale.UserId)
            {
                Find($"payment {sale.PaymentId} sold for {sale.Amount} to {sale.UserId}, but debited {debit.Amount} of {debit.UserId}");
            }
        }

        foreach (var debit in debits)
        {
            if (!debit.Refunded && !saleOf.ContainsKey(debit.PaymentId) && !inFlight.Contains(debit.PaymentId))
            {
                Find($"payment {debit.PaymentId} took {debit.Amount} of {debit.UserId}, but no seats were sold for it");
            }
        }

        var sums = new AuditSums(
            _wallets.Values.Sum(wallet => wallet.Charged),
            debits.Sum(debit => debit.Amount),
            debits.Where(debit => debit.Refunded).Sum(debit => debit.Amount),
            _wallets.Values.Sum(wallet => wallet.Balance),
            sales.Where(sale => sale.Refund != Giving.Done).Sum(sale => (long)sale.Seats.Length),
            sales.Where(sale => sale.Refund != Giving.Done).Sum(sale => sale.Amount),
            sales.Length);
        if (sums.Charged - sums.Paid + sums.Refunded != sums.Balances)
        {
            Find($"charges {sums.Charged} - payments {sums.Paid} + refunds {sums.Refunded} are not the balances {sums.Balances}");
        }

        return ([.. _findings], sums);
    }

    /// <summary>By payment. One that is there twice is a finding, and does not stop the audit.</summary>
    private Dictionary<string, TEntry> Once<TEntry>(
        IEnumerable<TEntry> entries, Func<TEntry, string> paymentOf, Func<TEntry, TEntry, string> finding)
    {
        var once = new Dictionary<string, TEntry>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!once.TryAdd(paymentOf(entry), entry))
            {
                Find(finding(once[paymentOf(entry)], entry));
            }
        }

        return once;
    }

    private static TLedger LedgerOf<TLedger>(Dictionary<string, TLedger> ledgers, string id, Func<string, TLedger> open)
    {
        if (!ledgers.TryGetValue(id, out var ledger))
        {
            ledgers.Add(id, ledger = open(id));
        }

        return ledger;
    }

    private void Find(string finding)
    {
        if (_findings.Count < MaxFindings)
        {
            _findings.Add(finding);
        }
    }
}
