using OrleansConcert.Storage.Format;
using OrleansConcert.Storage.Segments;

namespace OrleansConcert.Storage.Writing;

/// <summary>
/// The one writer: takes all that waits, writes it as one frame, flushes once, completes every waiter. What arrives
/// meanwhile is the next batch; nothing is delayed to gather more. A log that failed is tried again by itself: a server
/// that says it cannot serve is sent no calls, and must not need one to get well.
/// </summary>
internal sealed class JournalWriter(SegmentLog log, BatchDraft draft, WaitingLine line, FileJournalOptions options)
{
    /// <summary>The most that goes into one frame, and so the most that one append may be.</summary>
    public const int BatchBytesMax = 16 << 20;

    private long? _lastAttempt;
    private long _appends;
    private volatile bool _healthy = true;

    public bool IsHealthy => _healthy;

    /// <summary>Appends made durable.</summary>
    public long Appends => Volatile.Read(ref _appends);

    /// <summary>Runs until the line is closed and empty, then closes the log in order.</summary>
    public async Task Run()
    {
        while (await line.Take(log.Trusted ? Timeout.InfiniteTimeSpan : options.RecoveryInterval) is { } taken)
        {
            if (taken.Count == 0)
            {
                await TryHeal();
            }

            for (var next = 0; next < taken.Count;)
            {
                var chunk = ChunkOf(taken, next);
                await Write(chunk);
                next += chunk.Count;
            }
        }

        if (log.Trusted)
        {
            await log.Close();
        }
    }

    private static ArraySegment<Pending> ChunkOf(IReadOnlyList<Pending> taken, int start)
    {
        var chunk = new List<Pending>();
        var bytes = 0L;
        for (var next = start; next < taken.Count && (chunk.Count == 0 || bytes + taken[next].Bytes <= BatchBytesMax); next++)
        {
            chunk.Add(taken[next]);
            bytes += taken[next].Bytes;
        }

        return chunk.ToArray();
    }

    private async ValueTask Write(ArraySegment<Pending> chunk)
    {
        var bytes = (int)chunk.Sum(each => each.Bytes);
        try
        {
            await Heal();
            if (bytes > 0)
            {
                await log.Prepare(Frame.Total(bytes));
            }

            draft.Begin(log.End, bytes);
            foreach (var pending in chunk)
            {
                await Judge(pending);
            }
        }
        catch (Exception e)
        {
            Refuse(chunk, e);
            return;
        }

        await Write();
    }

    /// <summary>A stored answer that cannot be read fails the one append that asked for it.</summary>
    private async ValueTask Judge(Pending pending)
    {
        try
        {
            await draft.Judge(pending);
        }
        catch (JournalException e)
        {
            pending.Refuse(e.Message, e);
        }
    }

    private async ValueTask Write()
    {
        if (draft.HasRecords)
        {
            try
            {
                await log.Write(draft.Finish(log.Sequence));
            }
            catch (Exception e)
            {
                options.Logger.WriteFailed(e);
                _healthy = false;
                draft.Fail(e);
                await TryHeal();
                return;
            }

            Volatile.Write(ref _appends, _appends + draft.Winners);
        }

        draft.Complete(log.End);
    }

    private void Refuse(ArraySegment<Pending> chunk, Exception why)
    {
        if (_healthy)
        {
            options.Logger.WriteFailed(why);
        }

        _healthy = log.Trusted;
        foreach (var pending in chunk)
        {
            if (pending.Append is null)
            {
                pending.Tell(default);
            }
            else
            {
                pending.Refuse("The journal cannot be written.", why);
            }
        }
    }

    /// <summary>Returns with a log to write to, or throws.</summary>
    private async ValueTask Heal()
    {
        if (!log.Trusted && !await TryHeal())
        {
            throw new IOException("The disk has failed and could not be recovered yet.");
        }
    }

    /// <summary>Recovers the log, or not; at most once in every interval.</summary>
    private async ValueTask<bool> TryHeal()
    {
        var now = options.Time.GetTimestamp();
        if (_lastAttempt is { } last && options.Time.GetElapsedTime(last, now) < options.RecoveryInterval)
        {
            return false;
        }

        _lastAttempt = now;
        try
        {
            await log.Recover();
        }
        catch (Exception e)
        {
            options.Logger.RecoveryFailed(e);
            return false;
        }

        _healthy = true;
        options.Logger.Recovered(log.End >> 32);
        return true;
    }
}
