using Orleans.Concurrency;
using OrleansConcert.Domain.Audits;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>Reads streams backwards, page by page, for the support desk. It stops where nobody can wait for it any more.</summary>
[StatelessWorker]
public sealed class TrailGrain(IJournal journal, Clock clock) : Grain, ITrailGrain
{
    /// <summary>As long as somebody at the support desk waits.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(9);

    public async Task<ImmutableArray<TrailEntry>> OfSeat(string scheduleId, string seatId)
    {
        var trail = new SeatTrail(seatId);
        await Read(
            WireNames.ScheduleStreams + scheduleId,
            clock.Now + Longest,
            entry => trail.ObserveEarlier(JournalFormats.Schedule.Read(entry.Text)));
        return trail.Entries;
    }

    public async Task<ImmutableArray<TrailEntry>> OfTokens(string userId, ImmutableArray<string> queueIds)
    {
        var (until, entries) = (clock.Now + Longest, ImmutableArray<TrailEntry>.Empty);
        foreach (var queueId in queueIds)
        {
            var trail = new TokenTrail(queueId, userId);
            await Read(WireNames.QueueStreams + queueId, until, entry => trail.ObserveEarlier(JournalFormats.Queue.Read(entry.Text)));
            entries = entries.AddRange(trail.Entries);
        }

        return [.. entries.OrderBy(entry => entry.At)];
    }

    private async Task Read(string stream, Instant until, Action<JournalEntry> observe)
    {
        await foreach (var entry in History.Backward(journal, stream))
        {
            observe(entry);
            if (clock.Now >= until)
            {
                throw new UnavailableException($"{stream} is too long to be read in {Longest.TotalSeconds} s.");
            }
        }
    }
}
