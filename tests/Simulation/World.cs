using Orleans.InProcess.Simulation;
using OrleansConcert.Storage;

namespace OrleansConcert.Simulation;

/// <summary>
/// One seed's history: buyers, an operator and misfortune work on one server for so many operations; what they are told is
/// held against the journal at every start and at the end.
/// </summary>
internal sealed class World : IDisposable
{
    public const string QueueId = "gate";
    public const string ConcertId = "concert";

    /// <summary>How long after the last misfortune everything that was begun is over.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(150);

    private readonly SeededScheduler _scheduler;
    private readonly int _seed;
    private readonly int _operations;
    private readonly List<(int At, TaskCompletionSource Reached)> _awaited = [];
    private readonly EventsRead _readBefore = new();
    private TaskCompletionSource? _payment;
    private int _begun;
    private bool _broken;

    public World(int seed, int operations, TextWriter? trace = null)
    {
        (_seed, _operations) = (seed, operations);
        _scheduler = new SeededScheduler(seed, trace);
        Random = new Random(unchecked((seed * 7_919) + 1));
        History = new History(_scheduler.Time);
        Site = new Site(_scheduler);
        Sections = Policies.AnyHouse(Random);
        Policy = Policies.AnySale(Random);
        Schedules = Random.Next(2) == 0 ? ["friday"] : ["friday", "saturday"];
    }

    public Random Random { get; }

    public History History { get; }

    public Claims Claims { get; } = new();

    public Site Site { get; }

    public ImmutableArray<Section> Sections { get; }

    public SalePolicy Policy { get; }

    public ImmutableArray<string> Schedules { get; }

    /// <summary>The payments that somebody was told of.</summary>
    public List<string> Paid { get; } = [];

    public Instant Now => Instant.From(_scheduler.Time.GetUtcNow());

    /// <summary>
    /// Whether nothing goes wrong here, not even a request sent twice at once, which costs a grain its memory: then all is on time.
    /// </summary>
    public bool IsCalm { get; private set; }

    public bool IsOver => _broken || _begun >= _operations;

    public string Digest => _scheduler.Digest;

    public long Steps => _scheduler.Steps;

    public void Dispose() => _scheduler.Dispose();

    /// <summary>Plays it to the end.</summary>
    /// <exception cref="BrokenPromiseException">Something did not hold: what, how to see it again, and what came before.</exception>
    public void Play()
    {
        try
        {
            _scheduler.Run(Main);
        }
        catch (Exception broken)
        {
            var wrong = broken is BrokenPromiseException ? broken.Message : broken.ToString();
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

        _begun++;
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

        var stops = Site.Stops;
        History.Asked(who, what);
        try
        {
            var told = await call(grains);
            History.Told(who, what, told);
            return told;
        }
        catch (Exception unknown) when (unknown is UnavailableException or OrleansException
            || (unknown is TimeoutException && Site.Stops > stops))
        {
            History.Told(who, what, unknown);
            return null;
        }
        catch (Exception unexpected)
        {
            Break($"{who} got from {what}: {unexpected}");
            throw;
        }
    }

    /// <summary>Ends everything with what is wrong, if it is.</summary>
    public void Break(string? wrong)
    {
        if (wrong is not null)
        {
            _broken = true;
            _awaited.ForEach(each => each.Reached.TrySetResult());
            var broken = new BrokenPromiseException(wrong);
            Site.GiveUp(broken);
            throw broken;
        }
    }

    /// <summary>Holds all that was told against the journal.</summary>
    public async Task<Books> Audit(FileJournal journal)
    {
        var books = await Books.Read(journal, _readBefore);
        var wrong = string.Join('\n', books.Findings().Concat(IsCalm ? books.Late : []).Concat(Claims.Untrue(books)).Take(5));
        Break(wrong.Length > 0 ? wrong : null);
        return books;
    }

    private async Task Main()
    {
        await Site.Start(Audit);
        await SetUp();
        var chaos = new Misfortune(this);
        IsCalm = chaos.NeverStrikes;
        var buyers = Enumerable.Range(0, Random.Next(2, 9)).Select(number => new Buyer(this, $"user{number}").Shop());
        await Task.WhenAll([chaos.Strike(), new Operator(this).Manage(), .. buyers]);
        await chaos.End();
        await Ending();
    }

    private async Task SetUp()
    {
        await Task.WhenAll(
            Site.Grains!.GetGrain<IWaitingQueueGrain>(QueueId).Put("any", Policies.AnyQueue(Random)),
            Site.Grains!.GetGrain<ICatalogGrain>(WireNames.Catalog).AddQueue(QueueId));
        var concert = Site.Grains!.GetGrain<IConcertGrain>(ConcertId);
        await concert.Make(new(ConcertId, "A concert", QueueId, "UTC", Policy), null);
        foreach (var schedule in Schedules)
        {
            var added = await concert.AddSchedule(new(schedule, Now + TimeSpan.FromDays(9), null, null, Sections), null);
            Break(added.Value is null ? $"{schedule} was not added" : null);
        }
    }

    /// <summary>
    /// After misfortune is over: what was begun ends, what is in memory is what was written, nothing outlives its deadline.
    /// </summary>
    private async Task Ending()
    {
        History.Add("--- no more misfortune");
        await Delay(Grace);
        var books = await MemoryIsTheJournal();
        Unsettled(books);
        await PositionsAreExact(books);
        await MapsAreExact(books);

        History.Add("--- the doors are opened");
        var queue = Site.Grains!.GetGrain<IWaitingQueueGrain>(QueueId);
        await queue.SetMode(QueueMode.Open, null);
        await queue.Put("open", Policies.Open);
        await Delay(Policies.LongestActive + Policies.LongestHold + Queueing.PermitSlack + Grace);
        books = await MemoryIsTheJournal();
        Unsettled(books);
        NothingLives(books);
        if (Random.Next(2) == 0)
        {
            History.Add("--- stop");
            await Site.Stop();
        }
        else
        {
            Site.Crash(powerCut: true);
        }

        History.Add("--- the last start");
        await Site.Start(Audit);
        await HistoriesAreWhole(books);
        await AnswersAreKept();
        await MemoryIsTheJournal();
        History.Add("--- the last stop");
        await Site.Stop();
    }

    private void Unsettled(Books books)
    {
        foreach (var (id, schedule) in books.Schedules)
        {
            var left = schedule.Unsettled().FirstOrDefault();
            Break(left is null ? null : $"{left.Payment} of {left.Id} in {id} is not settled");
        }
    }

    private void NothingLives(Books books)
    {
        var hold = books.Schedules.Values.SelectMany(schedule => schedule.Reservations()).FirstOrDefault(
            reservation => reservation.Status is not (ReservationStatus.Paid or ReservationStatus.Refunded
                or ReservationStatus.Expired or ReservationStatus.Cancelled));
        Break(hold is null ? null : $"{hold.Id} is {hold.Status}, and should have ended at {hold.ExpiresAt}");
        var token = books.Queues[QueueId].Tokens().FirstOrDefault(token => token.IsLive);
        Break(token is null ? null : $"ticket {token.Ticket} is {token.Status}, and should have ended at {token.ExpiresAt}");
    }

    /// <summary>Invariant 9. What is being written at the instant of looking is looked at again.</summary>
    private async Task<Books> MemoryIsTheJournal()
    {
        for (var tries = 0; ; tries++)
        {
            var books = await Audit(Site.Journal);
            var written = books.States();
            var wrong = Insides.Of(Site.Host).FirstOrDefault(
                state => state.Value != written.GetValueOrDefault(state.Key) && (written.ContainsKey(state.Key) || !IsEmpty(state)));
            if (wrong.Key is null)
            {
                return books;
            }

            Break(tries < 5
                ? null
                : $"{wrong.Key} has in memory\n  {wrong.Value}\nand in the journal\n  {written.GetValueOrDefault(wrong.Key)}");
            await Delay(TimeSpan.FromMilliseconds(37));
        }
    }

    private static bool IsEmpty(KeyValuePair<string, string> state) =>
        state.Value == Insides.Json(state.Key.StartsWith(WireNames.WalletStreams, StringComparison.Ordinal) ? new WalletState()
            : state.Key.StartsWith(WireNames.QueueStreams, StringComparison.Ordinal) ? new QueueState()
            : new ScheduleState());

    private async Task PositionsAreExact(Books books)
    {
        var line = books.Queues[QueueId].Line.FromFront().ToArray();
        for (var place = 0; place < line.Length; place++)
        {
            var sight = await Site.Grains!.GetGrain<IWaitingQueueGrain>(QueueId).Look(line[place], books.Joins[line[place]].Nonce);
            var position = sight?.Token.Status == TokenStatus.Waiting ? sight.Token.Position : 0;
            Break(position <= place + 1 && (position == place + 1 || position < place + 1 && Now > books.Joins[line[0]].At)
                ? null
                : $"ticket {line[place]} stands at {place + 1} and is shown {sight?.Token}");
        }
    }

    private async Task MapsAreExact(Books books)
    {
        foreach (var (id, schedule) in books.Schedules)
        {
            var map = (await Site.Grains!.GetGrain<IScheduleGrain>(id).Map(-1))!.Statuses;
            var seat = Enumerable.Range(0, map.Length).FirstOrDefault(seat => map[seat] != (byte)schedule.StatusOf(seat), -1);
            Break(seat < 0
                ? null
                : $"{schedule.Plan.SeatAt(seat)} of {id} is {schedule.StatusOf(seat)}, and the map shows {(SeatStatus)map[seat]}");
        }
    }

    private async Task HistoriesAreWhole(Books books)
    {
        foreach (var user in books.Joins.Values.Select(joined => joined.UserId).Distinct().Order(StringComparer.Ordinal))
        {
            var wallet = Site.Grains!.GetGrain<IWalletGrain>(user);
            var entries = (await wallet.Entries(0, 1_000)).Items;
            var balance = (await wallet.Get()).Balance;
            Break(entries.Sum(entry => entry.Amount) == balance ? null : $"the entries of {user} are not the balance {balance}");
            var paid = (await wallet.Payments(0, 1_000)).Items.Select(payment => payment.PaymentId).ToHashSet();
            var sold = books.Sales.Values.Where(sale => books.Holds[sale.ReservationId].UserId == user).Select(sale => sale.PaymentId);
            Break(paid.SetEquals(sold) ? null : $"the payments of {user} are not the sales");
            var listed = (await wallet.ReservationIds(0, 1_000)).Items.Select(id => id.Id).ToHashSet();
            var held = books.Holds.Values.Where(hold => hold.UserId == user).Select(hold => hold.ReservationId);
            Break(listed.SetEquals(held) ? null : $"the reservations of {user} are not the holds");
        }
    }

    private async Task AnswersAreKept()
    {
        foreach (var ((caller, key), body) in Claims.Answers)
        {
            var kept = await Site.Grains!.GetGrain<IAnswersGrain>(WireNames.Answers).Find(caller, key);
            Break(kept is { } answer && Buyer.Text(answer) == body ? null : $"the answer to {key} of {caller} was {body} and is {kept}");
        }
    }
}
