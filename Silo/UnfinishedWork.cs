using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansConcert.Grains.Abstractions;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Silo;

/// <summary>
/// Wakes, when the process starts, every grain whose journal says that it has unfinished work: payments in flight, holds and
/// tokens with deadlines, schedules half announced. Nobody has to ask for them first.
/// </summary>
internal sealed partial class UnfinishedWork(IJournal journal, IGrainFactory grains, ILogger<UnfinishedWork> logger) : BackgroundService
{
    private const int AtOnce = 64;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var streams = journal.UnfinishedStreams();
        await Parallel.ForEachAsync(
            streams,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
            async (stream, _) => await Wake(stream));
        LogWoken(logger, streams.Count);
    }

    private async Task Wake(string stream)
    {
        try
        {
            await WakeGrainOf(stream);
        }
        catch (Exception exception)
        {
            // Its next caller or its reminder wakes it.
            LogNotWoken(logger, stream, exception);
        }
    }

    private Task WakeGrainOf(string stream)
    {
        var slash = stream.IndexOf('/', StringComparison.Ordinal) + 1;
        var (streams, key) = (stream[..slash], stream[slash..]);
        return streams switch
        {
            WireNames.QueueStreams => grains.GetGrain<IWaitingQueueGrain>(key).Wake(),
            WireNames.ScheduleStreams => grains.GetGrain<IScheduleGrain>(key).Wake(),
            WireNames.ConcertStreams => grains.GetGrain<IConcertGrain>(key).Wake(),
            _ => Task.CompletedTask,
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} streams with unfinished work were woken")]
    private static partial void LogWoken(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} could not be woken")]
    private static partial void LogNotWoken(ILogger logger, string stream, Exception exception);
}
