using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansConcert.Grains.Abstractions;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Silo;

/// <summary>
/// Wakes, when the process starts, every grain whose journal says that it has unfinished work: payments in flight, holds and
/// tokens with deadlines, schedules half announced. Nobody has to ask for them first. And later every grain that had to drop its
/// memory.
/// </summary>
internal sealed partial class UnfinishedWork(
    IJournal journal, IGrainFactory grains, TimeProvider time, ILogger<UnfinishedWork> logger)
    : IHostedService, IWakeUpCalls, IDisposable
{
    private const int AtOnce = 64;

    /// <summary>A store that fails is well again sooner than a minute's reminder comes.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Who drops its memory again so soon is woken after it: late by less than a second, and not without rest.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(0.5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<string> _soon = Channel.CreateUnbounded<string>(new() { SingleReader = true });
    private Task _waking = Task.CompletedTask;
    private volatile bool _isStarting = true;

    /// <remarks>The start does not wait for it, and it stays on the scheduler on which the host starts.</remarks>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _waking = Task.WhenAll(WakeAtStart(), WakeLater());
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Cancel();
        await _waking.WaitAsync(cancellationToken);
    }

    public void Dispose() => _stop.Dispose();

    public bool IsStarting => _isStarting;

    public void WakeSoon(string stream) => _soon.Writer.TryWrite(stream);

    private async Task WakeAtStart()
    {
        var streams = await Unfinished();
        var woken = streams.Count - await WakeAll(streams);
        _isStarting = false;
        LogWoken(logger, woken);
    }

    /// <summary>Asks as often as it takes: a store that does not answer now does later.</summary>
    private async Task<IReadOnlyCollection<string>> Unfinished()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                return await journal.UnfinishedStreams();
            }
            catch (JournalException exception)
            {
                LogNotWoken(logger, "What is unfinished", exception);
                await Pause(RetryAfter);
            }
        }

        return [];
    }

    private async Task WakeLater()
    {
        try
        {
            while (await _soon.Reader.WaitToReadAsync(_stop.Token))
            {
                var streams = new HashSet<string>(StringComparer.Ordinal);
                while (_soon.Reader.TryRead(out var stream))
                {
                    streams.Add(stream);
                }

                // Each once, and not waited for: one that does not come up keeps no other waiting.
                var left = new ConcurrentQueue<string>(streams);
                _ = Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, streams.Count)).Select(_ => WakeOnce(left)));
                await Pause(Rest);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    /// <summary>Wakes them all, however often each has to be tried; how many were left at a stop.</summary>
    private async Task<int> WakeAll(IReadOnlyCollection<string> streams)
    {
        var left = new ConcurrentQueue<string>(streams);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, streams.Count)).Select(_ => WakeOneByOne(left)));
        return left.Count;
    }

    private async Task WakeOneByOne(ConcurrentQueue<string> left)
    {
        while (!_stop.IsCancellationRequested && left.TryDequeue(out var stream))
        {
            if (!await Wake(stream))
            {
                left.Enqueue(stream);
                await Pause(RetryAfter);
            }
        }
    }

    private async Task WakeOnce(ConcurrentQueue<string> streams)
    {
        while (!_stop.IsCancellationRequested && streams.TryDequeue(out var stream))
        {
            // What takes longer goes on by itself.
            await WakeOrWakeSoon(stream).WaitAsync(Rest, time, _stop.Token).ConfigureAwait(
                ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WakeOrWakeSoon(string stream)
    {
        if (!await Wake(stream))
        {
            WakeSoon(stream);
        }
    }

    private async Task Pause(TimeSpan span) => await Task.Delay(span, time, _stop.Token).ConfigureAwait(
        ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);

    private async Task<bool> Wake(string stream)
    {
        try
        {
            // One that does not come up keeps no stop waiting.
            await WakeGrainOf(stream).WaitAsync(_stop.Token);
            return true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception)
        {
            LogNotWoken(logger, stream, exception);
            return false;
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} could not be woken; it is tried again")]
    private static partial void LogNotWoken(ILogger logger, string stream, Exception exception);
}
