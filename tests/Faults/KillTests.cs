using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace OrleansConcert.Faults;

/// <summary>A server that is killed at random instants under load, and started again on the same folder.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Buyers = 40;
    private const int CyclesPerHouse = 10;
    private const int KilledWhileStarting = 5;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_however_often_the_process_is_killed_under_load()
    {
        var cycles = Number("CYCLES", 20);
        var seed = Number("SEED", Environment.TickCount & int.MaxValue);
        var random = new Random(seed);
        var findings = new Findings();
        var sale = new Sale();
        using var folder = new TemporaryFolder();
        var server = Server.Launch(folder.Store, Server.FreePort());
        try
        {
            var buyers = await Open(server, sale, findings, random);
            List<Place> order = [];
            for (var cycle = 1; cycle <= cycles && !findings.Any; cycle++)
            {
                var acknowledged = await ShopUntilKilled(server, sale, buyers, random, cycle);
                var starting = Stopwatch.StartNew();
                server = await StartAgain(server, folder.Store, random, cycle);
                var ready = starting.ElapsedMilliseconds;
                using var client = new Client(server.Address);
                order = await new Inspection(client, sale, buyers, findings, random).Inspect(order);
                output.WriteLine(
                    $"cycle {cycle}: {acknowledged} acknowledged, ready after {ready} ms, inspected by {starting.ElapsedMilliseconds} ms");
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            findings.Add($"{exception}");
        }

        var ended = await server.Exit(TimeSpan.Zero);
        await server.DisposeAsync();
        Assert.False(
            findings.Any,
            $"SEED={seed}: {findings}\nThe server {(ended is null ? "still ran" : $"had ended with {ended}")}.\n"
            + $"{server.Errors}\n{server.Output}");
    }

    private static async Task<List<Buyer>> Open(Server server, Sale sale, Findings findings, Random random)
    {
        await server.Ready();
        using var client = new Client(server.Address);
        await sale.Open(client);
        var buyers = new List<Buyer>();
        for (var number = 1; number <= Buyers; number++)
        {
            var userId = $"user-{number}";
            buyers.Add(new(userId, await client.SignIn(userId), sale, findings, new Random(random.Next())));
        }

        return buyers;
    }

    /// <summary>Lets everybody shop, and kills the server once so many calls were acknowledged, in the middle of the next ones.</summary>
    private static async Task<int> ShopUntilKilled(Server server, Sale sale, List<Buyer> buyers, Random random, int cycle)
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
        await server.Kill();
        await shopping;
        return sale.Acknowledged - before;
    }

    /// <summary>Starts it again; every few times it is killed once more while it starts.</summary>
    private static async Task<Server> StartAgain(Server killed, string folder, Random random, int cycle)
    {
        await killed.DisposeAsync();
        if (cycle % KilledWhileStarting == 0)
        {
            await using var again = Server.Launch(folder, Server.FreePort());
            await again.Exit(TimeSpan.FromMilliseconds(random.Next(100, 1_000)));
        }

        var server = Server.Launch(folder, Server.FreePort());
        await server.Ready();
        return server;
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
