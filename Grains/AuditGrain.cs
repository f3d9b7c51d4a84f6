using OrleansConcert.Domain.Audits;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>
/// Reads the journal through the auditor, from where the last pass ended to where the journal ended when this one began. It does not
/// interleave, so there is one pass at a time; after a while without one the books are dropped, and the next pass reads all.
/// </summary>
public sealed class AuditGrain(IJournal journal, Clock clock) : Grain, IAuditGrain
{
    /// <summary>So many entries a turn: others get theirs in between.</summary>
    private const int AtOnce = 1_000;

    /// <summary>Less than a caller waits.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(9);

    private Auditor _auditor = new();
    private long _position;

    public async Task<AuditView> Invariants()
    {
        try
        {
            await ReadOn(await journal.End(), clock.Now + Longest);
        }
        catch (Exception exception) when (exception is JournalException or UnavailableException)
        {
            // Nobody knows how much of it is in the books.
            (_auditor, _position) = (new(), 0);
            throw new UnavailableException("The journal can't be audited now.", exception);
        }

        var (findings, sums) = _auditor.Conclude();
        return new(findings.IsEmpty, clock.Now, findings, new(
            sums.Charged, sums.Paid, sums.Refunded, sums.Balances, sums.SoldSeats, sums.SoldValue, sums.Payments));
    }

    /// <summary>Hands an entry to the auditor, where it is one that the auditor keeps books of.</summary>
    public static void Observe(Auditor auditor, JournalEntry entry)
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

    private async Task ReadOn(long end, Instant until)
    {
        var read = 0;
        await foreach (var entry in journal.Read(_position, end, CancellationToken.None))
        {
            Observe(_auditor, entry);
            if (++read % AtOnce == 0)
            {
                await Task.Yield();
                if (clock.Now >= until)
                {
                    throw new UnavailableException($"The audit did not end within {Longest.TotalMinutes} minutes.");
                }
            }
        }

        _position = end;
    }

    private static string? IdIn(JournalEntry entry, string streams) =>
        entry.Stream.StartsWith(streams, StringComparison.Ordinal) ? entry.Stream[streams.Length..] : null;
}
