using System.Diagnostics;
using OrleansConcert.Faults.Linearizability;
using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Faults;

/// <summary>A server that is killed at random instants under load, and started again on the same folder.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Buyers = 40;
    private const int CyclesPerFolder = 50;
    private const int CyclesPerHouse = 10;
    private const int KilledWhileStarting = 5;

    private readonly Findings _findings = new();
    private readonly Stopwatch _running = Stopwatch.StartNew();
    private int _cycles;
    private int _acknowledged;
    private int _operations;
    private long _slowestStart;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_however_often_the_process_is_killed_under_load()
    {
        var seed = Rounds.Seed();
        var random = new Random(seed);
        var victims = ToKill(random);
        foreach (var some in victims.Chunk(CyclesPerFolder).TakeWhile(_ => !_findings.Any))
        {
            await OneFolder(some, victims.Length, random);
        }

        var killed = string.Join("; ", victims.Take(_cycles).CountBy(one => one).Select(one => $"{one.Key}: {one.Value}"));
        output.WriteLine(
            $"SEED={seed}: {_cycles} cycles ({killed}) in {_running.Elapsed:hh\\:mm\\:ss}, {_acknowledged} operations acknowledged, " +
            $"lost or doubled: {(_findings.Any ? "see below" : "0")}; {_operations} operations on seats linearizable; " +
            $"slowest start {_slowestStart} ms");
        Assert.False(_findings.Any, $"SEED={seed}: {_findings}");
    }

    /// <summary>Whom each cycle kills: the server, and where there is a database that too, alone or together with it.</summary>
    private static Victims[] ToKill(Random random)
    {
        var (servers, databases, both) = StoreOfTests.IsPostgres
            ? (Rounds.Of("CYCLES", 5), Rounds.Of("POSTGRES", 1), Rounds.Of("BOTH", 1))
            : (Rounds.Of("CYCLES", 20), 0, 0);
        Victims[] all =
        [
            .. Enumerable.Repeat(Victims.Server, servers),
            .. Enumerable.Repeat(Victims.Database, databases),
            .. Enumerable.Repeat(Victims.Server | Victims.Database, both),
        ];
        random.Shuffle(all);
        return all;
    }

    [Flags]
    private enum Victims
    {
        Server = 1,
        Database = 2,
    }

    private async Task OneFolder(Victims[] killed, int all, Random random)
    {
        var sale = new Sale();
        var histories = new SeatHistories();
        using var folder = new TemporaryFolder();
        await using var postgres = StoreOfTests.IsPostgres ? await ThrowawayPostgres.StartAsync() : null;
        if (postgres is not null)
        {
            StoreOfTests.Put(folder.Store, await postgres.NewDatabaseAsync("concert"));
        }

        var server = Server.Launch(folder.Store, FreePorts.Next());
        try
        {
            var buyers = await Open(server, sale, histories, random);
            List<Place> order = [];
            for (var cycle = 1; cycle <= killed.Length && !_findings.Any; cycle++)
            {
                var victims = killed[cycle - 1];
                var acknowledged = await ShopUntilKilled(server, sale, buyers, random, cycle, victims, postgres);
                var starting = Stopwatch.StartNew();
                server = await StartAgain(server, folder.Store, random, cycle, victims, postgres);
                await server.Ready();
                var ready = starting.ElapsedMilliseconds;
                using var client = new Client(server.Address);
                order = await new Inspection(client, sale, buyers, _findings, random) { IsSameServer = victims == Victims.Database }
                    .Inspect(order);
                if (cycle % CyclesPerHouse == 0 || cycle == killed.Length)
                {
                    Judge(sale, histories);
                }

                (_cycles, _acknowledged, _slowestStart) = (_cycles + 1, _acknowledged + acknowledged, Math.Max(_slowestStart, ready));
                Rounds.Progress(
                    $"cycle {_cycles} of {all}: {acknowledged} acknowledged, ready after {ready} ms, inspected by " +
                    $"{starting.ElapsedMilliseconds} ms; {_running.Elapsed:hh\\:mm\\:ss}");
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _findings.Add($"{exception}");
        }

        if (_findings.Any)
        {
            var ended = await server.Exit(TimeSpan.Zero);
            _findings.Add($"the server {(ended is null ? "still ran" : $"had ended with {ended}")}.\n{server.Errors}\n{server.Output}");
        }

        await server.DisposeAsync();
    }

    private async Task<List<Buyer>> Open(Server server, Sale sale, SeatHistories histories, Random random)
    {
        await server.Ready();
        using var client = new Client(server.Address);
        await sale.Open(client);
        return await Buyer.SignIn(Buyers, client, sale, histories, _findings, random);
    }

    /// <summary>Lets everybody shop, and kills the server once so many calls were acknowledged, in the middle of the next ones.</summary>
    private static async Task<int> ShopUntilKilled(
        Server server, Sale sale, List<Buyer> buyers, Random random, int cycle, Victims victims, ThrowawayPostgres? postgres)
    {
        using var client = new Client(server.Address);
        if (cycle % CyclesPerHouse == 1)
        {
            await sale.AddSchedules(client, cycle);
        }

        var before = sale.Acknowledged;
        var enough = before + random.Next(50, 1_200);
        var pause = TimeSpan.FromMicroseconds(random.Next(0, 20_000));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var shopping = Task.WhenAll(buyers.Select(buyer => buyer.Shop(client, stop.Token)));
        while (sale.Acknowledged < enough && !shopping.IsCompleted)
        {
            await Task.Delay(1);
        }

        await Task.Delay(pause);
        await Task.WhenAll(
            victims.HasFlag(Victims.Server) ? server.Kill() : Task.CompletedTask,
            victims.HasFlag(Victims.Database) ? postgres!.KillAsync() : Task.CompletedTask);
        if (victims == Victims.Database)
        {
            // Some more calls find no database.
            await Task.Delay(pause * 20);
        }

        await stop.CancelAsync();
        await shopping;
        return sale.Acknowledged - before;
    }

    /// <summary>Starts it again; every few times it is killed once more while it starts.</summary>
    private static async Task<Server> StartAgain(
        Server killed, string folder, Random random, int cycle, Victims victims, ThrowawayPostgres? postgres)
    {
        if (victims.HasFlag(Victims.Database))
        {
            await postgres!.StartAgainAsync();
        }

        if (!victims.HasFlag(Victims.Server))
        {
            // It has to get well by itself.
            return killed;
        }

        await killed.DisposeAsync();
        if (cycle % KilledWhileStarting == 0)
        {
            await using var again = Server.Launch(folder, FreePorts.Next());
            await again.Exit(TimeSpan.FromMilliseconds(random.Next(100, 1_000)));
        }

        return Server.Launch(folder, FreePorts.Next());
    }

    /// <summary>The histories of the houses whose time is over: nothing of them is pending.</summary>
    private void Judge(Sale sale, SeatHistories histories)
    {
        var before = histories.Judged;
        foreach (var wrong in sale.Schedules.SelectMany(histories.Wrong))
        {
            _findings.Add(wrong);
        }

        _operations += histories.Judged - before;
    }
}
