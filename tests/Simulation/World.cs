using Orleans.InProcess.Simulation;

namespace OrleansConcert.Simulation;

/// <summary>
/// One seed's history: buyers, an operator and misfortune work on one server for so many operations; what they are told is
/// held against the journal at every start and at the end.
/// </summary>
internal sealed partial class World : IDisposable
{
    public const string QueueId = "gate";
    public const string ConcertId = "concert";

    /// <summary>How long after the last misfortune everything that was begun is over.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(150);

    /// <summary>The engine's own time-out of a call is 30 seconds.</summary>
    private static readonly TimeSpan CallTakes = TimeSpan.FromSeconds(31);

    /// <summary>After how many operations everything is looked at.</summary>
    private const int CheckEvery = 100;

    private readonly SeededScheduler _scheduler;
    private readonly int _seed;
    private readonly int _operations;
    private readonly List<(int At, TaskCompletionSource Reached)> _awaited = [];
    private readonly SortedList<long, (string What, long Since)> _waiting = [];
    private TaskCompletionSource? _payment;
    private int _begun;
    private string? _wrong;

    public World(int seed, int operations, TextWriter? trace = null)
    {
        (_seed, _operations) = (seed, operations);
        _scheduler = new SeededScheduler(seed, trace) { StepsMax = 200_000 + (1_000L * operations) };
        Random = new Random(unchecked((seed * 7_919) + 1));
        History = new History(_scheduler.Time);
        Claims = new Claims(this);
        Books = new Books { HoldsAskedFor = Claims.HoldsAskedFor, IsEndAskedFor = Claims.IsEndAskedFor };
        Site = new Site(_scheduler, this);
        Sections = Policies.AnyHouse(Random);
        Policy = Policies.AnySale(Random);
        Opening = Policies.AnyQueue(Random);
        Misfortune = new Misfortune(this);
        Schedules = Random.Next(2) == 0 ? ["friday"] : ["friday", "saturday"];
    }

    public Random Random { get; }

    public History History { get; }

    public Claims Claims { get; }

    /// <summary>All that is known to be durable.</summary>
    public Books Books { get; }

    public Misfortune Misfortune { get; }

    public Site Site { get; }

    public ImmutableArray<Section> Sections { get; init; }

    public SalePolicy Policy { get; init; }

    /// <summary>What the queue is opened with.</summary>
    public QueuePolicy Opening { get; init; }

    public ImmutableArray<string> Schedules { get; init; }

    /// <summary>The payments that somebody was told of.</summary>
    public List<string> Paid { get; } = [];

    /// <summary>The time as the server has it.</summary>
    public Instant Now => Site.Clock?.Now ?? Instant.From(_scheduler.Time.GetUtcNow());

    /// <summary>Whether nothing goes wrong here: then all is on time.</summary>
    public bool IsCalm => Misfortune.NeverStrikes;

    public bool IsOver => _wrong is not null || _begun >= _operations;

    public string Digest => _scheduler.Digest;

    public long Steps => _scheduler.Steps;

    public void Dispose() => _scheduler.Dispose();

    /// <summary>Plays it to the end: its own story, or another one.</summary>
    /// <exception cref="BrokenPromiseException">Something did not hold: what, how to see it again, and what came before.</exception>
    public void Play(Func<Task>? story = null)
    {
        try
        {
            _scheduler.Run(async () =>
            {
                await Site.Start();
                await SetUp();
                await (story ?? Main)();
            });
            Break(_wrong);
        }
        catch (Exception broken)
        {
            var wrong = _wrong ?? broken.ToString();
            throw new BrokenPromiseException($"Seed {_seed}: {wrong}\n{Again(_seed, _operations)}\n{History.Story(wrong)}");
        }
    }

    /// <summary>How to see a seed again.</summary>
    public static string Again(int seed, int operations) => $"Again: make simulate SEED={seed} SEEDS=1 OPERATIONS={operations}";

    public Task Delay(TimeSpan time) => _scheduler.Delay(time);

    /// <summary>Begins an operation; false where there have been enough.</summary>
    public bool Begin()
    {
        if (IsOver)
        {
            return false;
        }

        if (++_begun % CheckEvery == 0)
        {
            CheckWhole();
        }

        foreach (var (_, reached) in _awaited.Where(each => each.At <= _begun))
        {
            reached.TrySetResult();
        }

        _awaited.RemoveAll(each => each.At <= _begun);
        return true;
    }

    /// <summary>Completes when so many more operations have begun, or there are none left.</summary>
    public Task Operations(int more) => Reached(more, new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task Reached(int more, TaskCompletionSource reached)
    {
        _awaited.Add((Math.Min(_begun + more, _operations), reached));
        if (!IsOver)
        {
            await reached.Task;
        }
    }

    /// <summary>A payment begins now.</summary>
    public void BeginPayment()
    {
        _payment?.TrySetResult();
        _payment = null;
    }

    /// <summary>Completes when the next payment begins, or so many operations have.</summary>
    public Task PaymentOr(int operations)
    {
        _payment = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return Reached(operations, _payment);
    }

    /// <summary>Lets so many steps of anybody pass.</summary>
    public static async Task Pass(int count)
    {
        for (; count > 0; count--)
        {
            await Task.Yield();
        }
    }

    /// <summary>Asks the server; null where nobody knows what came of it.</summary>
    public async Task<T?> Ask<T>(string who, string what, Func<IGrainFactory, Task<T>> call)
        where T : class
    {
        IGrainFactory? grains;
        while ((grains = Site.Grains) is null)
        {
            await Site.Up;
        }

        History.Asked(who, what);
        var waiting = _waiting.Count == 0 ? 0 : _waiting.Keys[^1] + 1;
        _waiting.Add(waiting, ($"{who} > {what}", _scheduler.Time.GetTimestamp()));
        try
        {
            var told = await call(grains);
            History.Told(who, what, told);
            return told;
        }
        catch (Exception unknown) when (unknown is UnavailableException or OrleansException || (unknown is TimeoutException && !IsCalm))
        {
            History.Told(who, what, unknown);
            return null;
        }
        catch (Exception unexpected)
        {
            Break($"{who} got from {what}: {unexpected}");
            throw;
        }
        finally
        {
            _waiting.Remove(waiting, out var answered);
            Break(TimeWaited(answered) > CallTakes ? $"{answered.What} was answered after {TimeWaited(answered)}" : null);
        }
    }

    /// <summary>Ends everything with what is wrong, if it is.</summary>
    public void Break(string? wrong)
    {
        if (wrong is not null)
        {
            _wrong ??= wrong;
            _awaited.ForEach(each => each.Reached.TrySetResult());
            var broken = new BrokenPromiseException(wrong);
            Site.GiveUp(broken);
            throw broken;
        }
    }

    /// <summary>
    /// Between two turns: what the grains have in memory is what was handed to the journal, the books agree with each other, and no
    /// caller waits for longer than a call may take.
    /// </summary>
    public void CheckWhole()
    {
        Break(Books.Whole());
        Break(IsCalm ? Books.Late : null);
        var late = _waiting.Values.FirstOrDefault(call => TimeWaited(call) > CallTakes).What;
        Break(late is null ? null : $"{late} is not answered");
        if (Site.Grains is null)
        {
            return;
        }

        foreach (var (stream, memory) in Insides.Of(Site.Host))
        {
            var handed = Books.StateOf(stream, Site.Witness.HandedTo(stream))!;
            Break(memory.AsSpan().SequenceEqual(handed)
                ? null
                : $"{stream} has in memory\n  {Text(memory)}\nand in the journal\n  {Text(handed)}");
        }

        static string Text(byte[] state) => System.Text.Encoding.UTF8.GetString(state);
    }

    private async Task Main()
    {
        var buyers = Enumerable.Range(0, Policies.AnyCrowd(Random)).Select(number => new Buyer(this, $"user{number}").Shop());
        await Task.WhenAll([Ends(Misfortune.Strike()), new Operator(this).Manage(), .. buyers]);
        Break(_wrong);
        await Misfortune.End();
        await Ending();
    }

    private async Task SetUp()
    {
        await Task.WhenAll(
            Site.Grains!.GetGrain<IWaitingQueueGrain>(QueueId).Put("any", Opening),
            Site.Grains!.GetGrain<ICatalogGrain>(WireNames.Catalog).AddQueue(QueueId));
        var concert = Site.Grains!.GetGrain<IConcertGrain>(ConcertId);
        await concert.Make(new(ConcertId, "A concert", QueueId, "UTC", Policy), null);
        foreach (var schedule in Schedules)
        {
            var added = await concert.AddSchedule(new(schedule, Now + TimeSpan.FromDays(9), null, null, Sections), null);
            Break(added.Value is null ? $"{schedule} was not added" : null);
        }
    }

    /// <summary>A world without its misfortune would wait for ever.</summary>
    private async Task Ends(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception) when (_wrong is null)
        {
            Break(exception.ToString());
        }
    }

    private TimeSpan TimeWaited((string What, long Since) call) => _scheduler.Time.GetElapsedTime(call.Since);
}
