using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.InProcess.Simulation;
using OrleansConcert.Domain.Access;
using OrleansConcert.Silo;
using OrleansConcert.Storage;
using OrleansConcert.Storage.Tests;

namespace OrleansConcert.Simulation;

/// <summary>The server of a world: a disk, the journal on it, and a host that is put together as the real one is.</summary>
internal sealed class Site(SeededScheduler scheduler, World world)
{
    public static readonly KeyRing Keys = new([new byte[KeyRing.MinKeyBytes]]);

    /// <summary>How many hosts poll the server.</summary>
    public const int Hosts = 2;

    private readonly SeededIds _ids = new();
    private readonly int _snapshotAfterEvents = Policies.One(world.Random, 5, 30, 200);
    private SimulatedProcess _store = null!;
    private SimulatedHost? _host;
    private TaskCompletionSource _up = new();
    private int _starts;

    public SimulatedDisk Disk { get; private set; } = new(scheduler.Random);

    public FileJournal Journal { get; private set; } = null!;

    /// <summary>The journal as the grains of the present process have it.</summary>
    public Witness Witness { get; private set; } = null!;

    /// <summary>The wall clock of every process.</summary>
    public WallClock Wall { get; } = new();

    /// <summary>The clock of the present or last process.</summary>
    public Clock? Clock { get; private set; }

    public SimulatedHost Host => _host!;

    /// <summary>What each host in front of the server has of the queues' boards.</summary>
    public List<Boards> Boards { get; private set; } = [];

    /// <summary>Where calls go; null while there is no host. To be used in the step in which it was asked for.</summary>
    public IGrainFactory? Grains => _host?.GrainFactory;

    /// <summary>Completes when there is a host.</summary>
    public Task Up => _up.Task;

    /// <summary>Opens what the disk has; before the grains run, it is held against what is known.</summary>
    public async Task Start()
    {
        _store = scheduler.NewProcess($"store {++_starts}");
        var options = new FileJournalOptions
        {
            SegmentBytes = 32 << 10,
            FillBytes = 4 << 10,
            Time = Wall.Of(_store.Time),
            WriterScheduler = _store.TaskScheduler,
        };
        Disk.OnStep = null;
        await _store.Start(async () => Journal = await FileJournal.Open(Disk, options));
        world.Break(await world.Books.Compare(Journal));
        world.Books.Start();
        var journal = Witness = new Witness(Journal, world);
        _host = await SimulatedHost.StartAsync(scheduler, $"server {_starts}", silo =>
        {
            silo.Services.AddConcertGrains(journal, Keys, _ids, Wall.Of(_store.Time));
            silo.Services.AddSingleton<TimeProvider>(services => services.GetRequiredService<Clock>());
            silo.KeepStateInJournal().KeepRemindersInJournal();

            // What a busy day does rarely, a short world does too: snapshots, and activations that idle away.
            silo.Services.AddSingleton(services =>
                ActivatorUtilities.CreateInstance<JournaledGrainServices>(services) with { SnapshotAfterEvents = _snapshotAfterEvents });
            silo.Services.Configure<GrainCollectionOptions>(collection =>
                (collection.CollectionAge, collection.CollectionQuantum) = (TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(10)));

            // The container's own would be closed off the world's thread; this one the site closes.
            silo.Services.AddSingleton<IJournal>(journal);
            silo.Services.AddHostedService(services => services.GetRequiredService<UnfinishedWork>());
        });
        Clock = _host.Services.GetRequiredService<Clock>();
        var time = new HostTime(scheduler.Time, Clock);
        Boards = [.. Enumerable.Range(0, Hosts).Select(number => new Boards(_host.GrainFactory, time, $"host {_starts}.{number}"))];
        world.Break(Clock.Now < Instant.From(Journal.LastInstant) ? $"the clock starts at {Clock.Now}, before the journal's last" : null);
        _up.TrySetResult();
    }

    /// <summary>There will be no host any more: whoever waits for one learns why.</summary>
    public void GiveUp(Exception why) => _up.TrySetException(why);

    /// <summary>As SIGTERM ends it.</summary>
    public async Task Stop()
    {
        var host = Down();
        await host.StopAsync();
        await _store.Start(async () => await Journal.DisposeAsync());
        Disk = Disk.AfterKill();
    }

    /// <summary>As a kill, or a power cut, ends it: between any two steps.</summary>
    public void Crash(bool powerCut)
    {
        Down().Kill();
        _store.Kill();
        Lose(powerCut);
    }

    /// <summary>A start that is cut short at some step of the disk.</summary>
    public async Task DieStarting(int steps, bool powerCut)
    {
        Disk.OnStep = (_, _) => ValueTask.FromResult(steps-- <= 0 ? DiskFault.Die : DiskFault.None);
        _store = scheduler.NewProcess($"store {++_starts}");
        var options = new FileJournalOptions { Time = _store.Time, WriterScheduler = _store.TaskScheduler };
        try
        {
            await _store.Start(async () => await FileJournal.Open(Disk, options));
        }
        catch (StoreException)
        {
            // It died on the way.
        }

        _store.Kill();
        Lose(powerCut);
    }

    private void Lose(bool powerCut) => Disk = powerCut ? Disk.AfterPowerCut() : Disk.AfterKill();

    private SimulatedHost Down()
    {
        var host = _host!;
        Boards.ForEach(boards => boards.Dispose());
        _host = null;
        _up = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return host;
    }
}
