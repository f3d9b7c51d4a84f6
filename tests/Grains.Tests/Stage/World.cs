using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Reminders;
using Orleans.Storage;
using Orleans.TestingHost;
using OrleansConcert.Silo;
using OrleansConcert.Storage;
using OrleansConcert.Storage.Disks;
using OrleansConcert.Storage.Providers;

namespace OrleansConcert.Grains.Tests;

/// <summary>A buyer with an ACTIVE token.</summary>
internal sealed record Buyer(string UserId, long Ticket, uint Nonce);

/// <summary>One process: an engine with every grain, on a journal that a test commands, in a test's own time.</summary>
internal sealed partial class World : IAsyncDisposable
{
    public static readonly KeyRing Keys = new([new byte[32]]);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Between two looks: what is looked for needs the processor.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private static readonly ConcurrentDictionary<string, World> All = new();
    private static int _count;

    private readonly MemoryDisk _disk;
    private readonly JournalReminderTable _reminders;
    private readonly string _name = $"world-{Interlocked.Increment(ref _count)}";
    private bool _ended;

    private World(MemoryDisk disk, ManualTime time, ScriptedJournal journal, JournalReminderTable reminders)
    {
        (_disk, Time, Journal, _reminders) = (disk, time, journal, reminders);
        All[_name] = this;
        Cluster = new TestClusterBuilder(2)
            .AddSiloBuilderConfigurator<Silo>()
            .ConfigureHostConfiguration(configuration => configuration.AddInMemoryCollection([new("World", _name)]))
            .Build();
    }

    public ManualTime Time { get; }

    public ScriptedJournal Journal { get; }

    public Lines Lines { get; } = new();

    public TestCluster Cluster { get; }

    public Instant Now => Instant.From(Time.GetUtcNow());

    public IWaitingQueueGrain Main => Queue(WireNames.MainQueue);

    public ICatalogGrain Catalog => Cluster.GrainFactory.GetGrain<ICatalogGrain>(WireNames.Catalog);

    public IAnswersGrain Answers => Cluster.GrainFactory.GetGrain<IAnswersGrain>(WireNames.Answers);

    public static async Task<World> Start(
        MemoryDisk? disk = null, ManualTime? time = null, TaskScheduler? writer = null, string? unreadable = null)
    {
        disk ??= new MemoryDisk();
        var journal = await FileJournal.Open(disk, new() { FillBytes = 4 << 10, WriterScheduler = writer });
        time ??= new ManualTime();

        // Apart from the journal, which tests count and break; one for all silos.
        var reminders = new JournalReminderTable(await FileJournal.Open(new MemoryDisk()), time);
        var world = new World(disk, time, new ScriptedJournal(journal) { Lost = unreadable }, reminders);
        await world.Cluster.DeployAsync();
        return world;
    }

    /// <summary>This process ends, and another starts on the same store.</summary>
    public async Task<World> Restart()
    {
        await DisposeAsync();
        var next = await Start(_disk, Time);
        await Until(() => next.Lines.With("were woken").Any());
        return next;
    }

    /// <summary>This process ends, and another starts that cannot read a stream for now.</summary>
    public async Task<World> RestartWithout(string unreadable)
    {
        await DisposeAsync();
        var next = await Start(_disk, Time, unreadable: unreadable);
        await Until(() => next.Lines.With(unreadable + " could not be woken").Any());
        return next;
    }

    public IWaitingQueueGrain Queue(string id) => Cluster.GrainFactory.GetGrain<IWaitingQueueGrain>(id);

    public ITokenGrain Token(long ticket) =>
        Cluster.GrainFactory.GetGrain<ITokenGrain>(WireNames.Token(WireNames.MainQueue, ticket));

    public IScheduleGrain Schedule(string id = "friday") => Cluster.GrainFactory.GetGrain<IScheduleGrain>(id);

    public IWalletGrain Wallet(string userId) => Cluster.GrainFactory.GetGrain<IWalletGrain>(userId);

    public IConcertGrain Concert(string id = "tour") => Cluster.GrainFactory.GetGrain<IConcertGrain>(id);

    /// <summary>The main queue, under a policy that admits everybody at once unless told otherwise.</summary>
    public async Task<World> WithQueue(Func<QueuePolicy, QueuePolicy>? change = null)
    {
        var open = Preset.Standard.Queue with
        {
            AdmitCount = null,
            MaxActive = null,
            ActiveTtl = TimeSpan.FromDays(1),
            ActiveIdleTimeout = null,
            WaitingIdleTimeout = null,
        };
        await Main.Put("standard", change is null ? open : change(open));
        return this;
    }

    /// <summary>A schedule: by default one section A of 3 rows of 10 at 1,000, on sale for a day.</summary>
    public async Task<World> WithSchedule(
        string id = "friday", Func<SalePolicy, SalePolicy>? policy = null, params Section[] sections)
    {
        var sale = Preset.Standard.Sale;
        var opened = await Schedule(id).Open(Given.Show(this, id, policy is null ? sale : policy(sale), sections));
        Assert.NotNull(opened.Value);
        return this;
    }

    public async Task<Buyer> Buyer(string userId, long balance = 0)
    {
        // A silo that has just started may not take reminders yet.
        var joined = new Answer<TokenView>();
        await Until(() => Attempt(async () => (joined = await Main.Join(userId, null)).Value is not null));
        if (balance > 0)
        {
            Assert.NotNull((await Wallet(userId).Charge(balance, null)).Value);
        }

        var token = QueueToken.Verify(Keys, joined.Value!.Token)!;
        return new(userId, token.Ticket, token.Nonce);
    }

    public Task<Answer<ReservationView>> TryHold(Buyer buyer, params string[] seats) => Schedule().Hold(Given.Seats(buyer, seats), null);

    public async Task<ReservationView> Hold(Buyer buyer, params string[] seats) => (await TryHold(buyer, seats)).Value!;

    public Task<Answer<PaymentView>> Pay(ReservationView reservation, Repeat? repeat = null) =>
        Schedule(reservation.ScheduleId).Pay(new(reservation.UserId, reservation.ReservationId, []), repeat);

    public async Task<TokenView> Look(Buyer buyer) => (await Main.Look(buyer.Ticket, buyer.Nonce))!.Token;

    public async Task<ReservationStatus> StatusOf(ReservationView reservation) =>
        (await Schedule(reservation.ScheduleId).Find(reservation.ReservationId, reservation.UserId)).Value!.Status;

    /// <summary>The texts of a stream's entries, oldest first.</summary>
    public async Task<string[]> Texts(string stream) =>
        [.. (await Journal.Inner.ReadBackward(stream, long.MaxValue, int.MaxValue))
            .Reverse().Select(entry => Encoding.UTF8.GetString(entry.Text.Span))];

    /// <summary>The kinds of a stream's events, oldest first.</summary>
    public async Task<string[]> Whats(string stream) =>
        [.. (await Texts(stream)).Select(text => JsonDocument.Parse(text).RootElement.GetProperty("what").GetString()!)];

    /// <summary>Waits until it holds; time stands still.</summary>
    public static async Task Until(Func<Task<bool>> holds)
    {
        var waited = Stopwatch.StartNew();
        using var pause = new PeriodicTimer(Pause);
        while (!await holds())
        {
            Assert.True(waited.Elapsed < Limit, "It never came to hold.");
            await pause.WaitForNextTickAsync();
        }
    }

    public static Task Until(Func<bool> holds) => Until(() => Task.FromResult(holds()));

    /// <summary>Lets at most so much time pass, in small steps, until it holds.</summary>
    public async Task Within(TimeSpan span, Func<Task<bool>> holds)
    {
        var step = TimeSpan.FromMilliseconds(100);
        using var pause = new PeriodicTimer(Pause);
        for (var passed = TimeSpan.Zero; passed < span; passed += step)
        {
            for (var turned = Stopwatch.StartNew(); turned.ElapsedMilliseconds < 20;)
            {
                if (await Attempt(holds))
                {
                    return;
                }

                await pause.WaitForNextTickAsync();
            }

            Time.Advance(step);
        }

        await Until(() => Attempt(holds));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_ended)
        {
            _ended = true;
            await Cluster.DisposeAsync();
            await Journal.Inner.DisposeAsync();
            All.TryRemove(_name, out _);
        }
    }

    private static async Task<bool> Attempt(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (UnavailableException)
        {
            return false;
        }
    }

    private sealed partial class Silo : ISiloConfigurator
    {
        public void Configure(ISiloBuilder siloBuilder)
        {
            var world = All[siloBuilder.Configuration["World"]!];
            Shrink(siloBuilder);
            siloBuilder.Services.AddSingleton<IReminderTable>(world._reminders);
            siloBuilder.AddReminders();
            siloBuilder.ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(world.Lines));
            siloBuilder.ConfigureServices(services =>
            {
                services.AddSingleton<TimeProvider>(world.Time);
                services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
                services.AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, world.Time);
                services.AddConcertGrains(world.Journal, Keys, new RandomIds(), world.Time);
                services.AddKeyedSingleton<IGrainStorage, JournalGrainStorage>(WireNames.StateStorage);
                services.AddHostedService(given => given.GetRequiredService<UnfinishedWork>());
            });
        }

        /// <summary>What only one engine needs.</summary>
        static partial void Shrink(ISiloBuilder silo);
    }
}
