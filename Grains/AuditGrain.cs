using OrleansConcert.Domain.Audits;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>Reads the whole journal through the auditor. It does not interleave, so there is one pass at a time.</summary>
public sealed class AuditGrain(IJournal journal, Clock clock) : Grain, IAuditGrain
{
    public async Task<AuditView> Invariants()
    {
        var auditor = new Auditor();
        await foreach (var entry in journal.ReadAll(CancellationToken.None))
        {
            Observe(auditor, entry);
        }

        var (findings, sums) = auditor.Conclude();
        return new(findings.IsEmpty, clock.Now, findings, new(
            sums.Charged, sums.Paid, sums.Refunded, sums.Balances, sums.SoldSeats, sums.SoldValue, sums.Payments));
    }

    private static void Observe(Auditor auditor, JournalEntry entry)
    {
        if (IdIn(entry, WireNames.ScheduleStreams) is { } schedule)
        {
            auditor.Observe(schedule, JournalFormats.Schedule.Read(entry.Text));
        }
        else if (IdIn(entry, WireNames.WalletStreams) is { } user)
        {
            auditor.Observe(user, JournalFormats.Wallet.Read(entry.Text));
        }
        else if (IdIn(entry, WireNames.QueueStreams) is { } queue)
        {
            auditor.Observe(queue, JournalFormats.Queue.Read(entry.Text));
        }
    }

    private static string? IdIn(JournalEntry entry, string streams) =>
        entry.Stream.StartsWith(streams, StringComparison.Ordinal) ? entry.Stream[streams.Length..] : null;
}
