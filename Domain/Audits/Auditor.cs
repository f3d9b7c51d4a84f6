using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Audits;

/// <summary>Sums over everything that ever happened; seats and value are of what is sold now, payments of all that were made.</summary>
public sealed record AuditSums(
    long Charged = 0, long Paid = 0, long Refunded = 0, long Balances = 0, long SoldSeats = 0, long SoldValue = 0, long Payments = 0);

/// <summary>
/// Folds the events of every stream, in the order in which they became durable, and says what does not hold. It trusts no
/// state: it keeps books of its own, simpler than those it checks, and as large as the state, not the history.
/// </summary>
/// <remarks>
/// A payment in flight is no finding: its debit may be there before its sale. Nor is a refund in flight: its money may be back before
/// the seats are free. It may be asked at any time, and observe on.
/// </remarks>
public sealed class Auditor
{
    private const int MaxFindings = 100;

    /// <summary>How far the clocks of two servers may differ.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, SeatLedger> _schedules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WalletLedger> _wallets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QueueLedger> _queues = new(StringComparer.Ordinal);
    private readonly List<string> _findings = [];
    private readonly PaymentLedger _payments;

    public Auditor() => _payments = new(Find);

    /// <summary>What was found so far, by each event on its own; without what only <see cref="Conclude"/> can tell.</summary>
    public IReadOnlyList<string> Findings => _findings;

    public void Observe(string scheduleId, SeatEvent happened) =>
        LedgerOf(_schedules, scheduleId, id => new SeatLedger(id, _payments, _queues.GetValueOrDefault, Find)).Observe(happened);

    public void Observe(string userId, WalletEvent happened) =>
        LedgerOf(_wallets, userId, id => new WalletLedger(id, _payments, Find)).Observe(happened);

    public void Observe(string queueId, QueueEvent happened) =>
        LedgerOf(_queues, queueId, id => new QueueLedger(id, _payments, Find)).Observe(happened);

    /// <summary>What was found so far, at most 100 of it, and the sums.</summary>
    public (ImmutableArray<string> Findings, AuditSums Sums) Conclude()
    {
        var sums = new AuditSums(
            _wallets.Values.Sum(wallet => wallet.Charged),
            _wallets.Values.Sum(wallet => wallet.Paid),
            _wallets.Values.Sum(wallet => wallet.Refunded),
            _wallets.Values.Sum(wallet => wallet.Balance),
            _schedules.Values.Sum(schedule => schedule.SoldSeats),
            _schedules.Values.Sum(schedule => schedule.SoldValue),
            _schedules.Values.Sum(schedule => schedule.Payments));
        return sums.Charged - sums.Paid + sums.Refunded == sums.Balances
            ? ([.. _findings], sums)
            : ([
                .. _findings,
                $"charges {sums.Charged} - payments {sums.Paid} + refunds {sums.Refunded} are not the balances {sums.Balances}",
            ], sums);
    }

    /// <summary>The later of two instants of one stream; that it went back in time is a finding.</summary>
    internal static Instant InTime(string stream, Instant last, Instant at, Action<string> find)
    {
        if (at + Skew < last)
        {
            find($"{stream}: what was written after {last} says that it happened at {at}");
        }

        return Instant.Max(last, at);
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
