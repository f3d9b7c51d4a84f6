using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Reminders;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansConcert.Silo;
using OrleansConcert.Storage;
using OrleansConcert.Storage.Providers;

namespace OrleansConcert.Grains.Tests;

/// <summary>A queue on the embedded store in a folder, in a test's own time, and many who call it at once.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int AtOnce = 256;
    private static Crowd? _starting;

    private readonly TestCluster _cluster;
    private readonly FileJournal _journal;

    private Crowd(FileJournal journal, ManualTime time)
    {
        (_journal, Time) = (journal, time);
        _starting = this;
        _cluster = new TestClusterBuilder(2).AddSiloBuilderConfigurator<Silo>().Build();
    }

    public ManualTime Time { get; }

    public IJournal Journal => _journal;

    public IWaitingQueueGrain Queue => _cluster.GrainFactory.GetGrain<IWaitingQueueGrain>(WireNames.MainQueue);

    /// <summary>How long the slowest call of the last <see cref="All"/> took.</summary>
    public TimeSpan Slowest { get; private set; }

    public static async Task<Crowd> Start(string folder, ManualTime time)
    {
        // A disk that others keep busy is slow, not gone.
        var journal = await FileJournal.Open(folder, new() { WriteTimeout = TimeSpan.FromMinutes(1) });
        var crowd = new Crowd(journal, time);
        await crowd._cluster.DeployAsync();
        return crowd;
    }

    /// <summary>Calls <paramref name="count"/> times, many at once and in order.</summary>
    public async Task All(int count, Func<int, Task> call)
    {
        var (next, slowest) = (-1, new long[AtOnce]);
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async caller =>
        {
            for (int index; (index = Interlocked.Increment(ref next)) < count;)
            {
                var started = Stopwatch.GetTimestamp();
                await call(index);
                slowest[caller] = Math.Max(slowest[caller], Stopwatch.GetTimestamp() - started);
            }
        }));
        Slowest = Stopwatch.GetElapsedTime(0, slowest.Max());
    }

    /// <summary>What the process has in memory and still needs, in bytes.</summary>
    public static long Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _journal.DisposeAsync();
    }

    private sealed class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            var crowd = _starting!;
            siloBuilder.UseInMemoryReminderService();
            siloBuilder.ConfigureServices(services =>
            {
                services.AddSingleton<TimeProvider>(crowd.Time);
                services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
                services.AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, crowd.Time);
                services.AddConcertGrains(crowd._journal, World.Keys, new RandomIds(), crowd.Time);
                services.AddKeyedSingleton<IGrainStorage, JournalGrainStorage>(WireNames.StateStorage);
            });
        }
    }
}
