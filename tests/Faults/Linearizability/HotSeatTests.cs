using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Faults.Linearizability;

/// <summary>Many who want the same six seats, and a server that is killed amid them every other round.</summary>
public sealed class HotSeatTests(ITestOutputHelper output)
{
    private const int Shoppers = 12;
    private const string Plenty = """{"amount":100000000}""";

    private static readonly string[] Seats = ["A-1-1", "A-1-2", "A-1-3", "A-2-1", "A-2-2", "A-2-3"];
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task What_clients_are_told_of_hot_seats_could_have_happened_one_by_one()
    {
        var rounds = Rounds.Of("HISTORIES", 4);
        var seed = Rounds.Seed();
        var random = new Random(seed);
        var findings = new Findings();
        var histories = new SeatHistories();
        using var folder = new TemporaryFolder();
        var port = FreePorts.Next();
        var server = Server.Launch(folder.Store, port);
        try
        {
            await server.Ready();
            using var client = new Client(server.Address);
            var admin = await Open(client);
            var shoppers = new List<Shopper>();
            for (var number = 1; number <= Shoppers; number++)
            {
                var name = $"shopper-{number}";
                var access = await client.SignIn(name);
                await client.Ask(new(HttpMethod.Post, "/v1/users/me/wallet/charges") { Access = access, Body = Plenty });
                shoppers.Add(new(name, access, Seats, histories, findings, new Random(random.Next())));
            }

            for (var round = 1; round <= rounds && !findings.Any; round++)
            {
                var schedule = await AddSchedule(client, admin, round);
                using var stop = new CancellationTokenSource(Round);
                var shopping = Task.WhenAll(shoppers.Select(shopper => shopper.Shop(client, schedule, stop.Token)));
                if (int.IsEvenInteger(round))
                {
                    await Task.Delay(random.Next(200, 1_000));
                    await server.Kill();
                    await server.DisposeAsync();
                    server = Server.Launch(folder.Store, port);
                }

                await shopping;
                await server.Ready();
                histories.Wrong(schedule).ToList().ForEach(findings.Add);
                Rounds.Progress($"round {round} of {rounds}: {histories.Judged} operations on hot seats judged");
            }

            var audit = await client.Ask(new(HttpMethod.Get, "/v1/admin/audit/invariants") { Access = admin });
            findings.Unless(audit.GetProperty("ok").GetBoolean(), $"the audit says {audit}");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            findings.Add($"{exception}");
        }

        await server.DisposeAsync();
        output.WriteLine($"SEED={seed}: {rounds} rounds, {histories.Judged} operations on six seats each");
        Assert.False(findings.Any, $"SEED={seed}: {findings}\n{server.Errors}\n{server.Output}");
    }

    private static async Task<string> Open(Client client)
    {
        var admin = await client.SignIn("operator", admin: true);
        await client.Ask(new(HttpMethod.Put, "/v1/admin/queues/main")
        {
            Access = admin,
            Body = """{"maxActive":null,"admitCount":null,"activeTtl":"P1D","activeIdleTimeout":null,"waitingIdleTimeout":null}""",
        });
        await client.Ask(new(HttpMethod.Post, "/v1/admin/concerts")
        {
            Access = admin,
            Body = """{"concertId":"hot","title":"Hot","policy":{"holdTtl":"PT1S"}}""",
        });
        return admin;
    }

    private static async Task<string> AddSchedule(Client client, string admin, int number)
    {
        var id = $"hot-{number}";
        await client.Ask(new(HttpMethod.Post, "/v1/admin/concerts/hot/schedules")
        {
            Access = admin,
            Key = id,
            Body = $$"""
                {"scheduleId":"{{id}}","startsAt":"2099-01-01T12:00:00Z","salesOpenAt":"2020-01-01T12:00:00Z",
                "sections":[{"name":"A","rows":2,"seatsPerRow":3,"price":1000}]}
                """,
        });
        return id;
    }
}
