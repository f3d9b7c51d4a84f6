using System.Diagnostics;
using OrleansConcert.Faults.Linearizability;
using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Faults.Cluster;

/// <summary>Silos that are added and lost, and hosts of which any serves anybody.</summary>
public sealed class ClusterTests(ITestOutputHelper output)
{
    private const int Buyers = 24;

    /// <summary>The grains of a silo that was killed answer again within ten seconds, and unfinished work is done after that.</summary>
    private static readonly TimeSpan BackAfter = TimeSpan.FromSeconds(15);

    /// <summary>The grains of a silo that hangs were back within 22 seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(20);

    [PostgresFact]
    public async Task Any_host_serves_any_user_and_shows_the_same_silos()
    {
        await using var cluster = await Silos.Start(silos: 2, hosts: 2);
        using var one = new Client(cluster.Hosts[0].Address);
        using var other = new Client(cluster.Hosts[1].Address);
        var sale = new Sale();
        await sale.Open(one);
        await sale.AddSchedules(other, 1);
        var alice = await one.SignIn("alice");
        Assert.Equal(201, (await other.Charge(alice, "charge"))!.Status);
        var token = (await one.Ask(new(HttpMethod.Post, "/v1/queue-tokens") { Access = alice, Body = "{}" })).Text("token");
        Assert.Equal("ACTIVE", (await other.Ask(new(HttpMethod.Get, "/v1/queue-tokens/me") { Queue = token })).Text("status"));
        var held = await other.Ask(new(HttpMethod.Post, "/v1/schedules/slow-1/holds") { Queue = token, Body = """{"seats":["A-1-1"]}""" });
        var payment = new Request(HttpMethod.Post, "/v1/payments")
        {
            Queue = token,
            Key = "pay",
            Body = $$"""{"reservationId":"{{held.Text("reservationId")}}"}""",
        };
        var paid = await one.Send(payment);
        Assert.Equal(201, paid!.Status);
        var again = await other.Send(payment);
        Assert.True(again!.Replayed);
        Assert.Equal(paid.Bytes, again.Bytes);
        foreach (var client in new[] { one, other })
        {
            var seen = await client.Ask(new(HttpMethod.Get, "/v1/admin/cluster") { Access = sale.Admin });
            Assert.Equal("Orleans", seen.Text("engine"));
            Assert.Equal(
                ["silo-1 Active", "silo-2 Active"],
                seen.GetProperty("silos").EnumerateArray().Select(silo => $"{silo.Text("name")} {silo.Text("state")}"));
        }
    }

    [PostgresFact]
    public Task Silos_and_hosts_are_killed_under_load_and_nothing_acknowledged_is_lost() => UnderLoad(Rounds.Of("CYCLES", 4), KillSome);

    [PostgresFact]
    public Task Silos_hang_under_load_and_go_on_and_nothing_acknowledged_is_lost() =>
        UnderLoad(Rounds.Of("FREEZES", 2), (cluster, random, _) => FreezeOne(cluster, random));

    private async Task UnderLoad(int cycles, Func<Silos, Random, int, Task> fault)
    {
        var seed = Rounds.Seed();
        var (random, findings, sale, histories) = (new Random(seed), new Findings(), new Sale(), new SeatHistories());
        await using var cluster = await Silos.Start(silos: 2, hosts: 2);
        var buyers = await Open(cluster, sale, histories, findings, random);
        List<Place> order = [];
        for (var cycle = 1; cycle <= cycles && !findings.Any; cycle++)
        {
            var acknowledged = await ShopThrough(() => fault(cluster, random, cycle), cluster, sale, buyers, random, cycle);
            using var client = new Client(cluster.Hosts[cycle % 2].Address);
            order = await new Inspection(client, sale, buyers, findings, random) { Soon = BackAfter }.Inspect(order);
            Rounds.Progress($"cycle {cycle} of {cycles}: {acknowledged} acknowledged");
        }

        foreach (var wrong in sale.Schedules.SelectMany(histories.Wrong))
        {
            findings.Add(wrong);
        }

        output.WriteLine($"SEED={seed}: {cycles} cycles, {sale.Acknowledged} operations acknowledged");
        Assert.False(findings.Any, $"SEED={seed}: {findings}\n{(findings.Any ? cluster.Said() : "")}");
    }

    [PostgresFact]
    public async Task A_frozen_silo_is_given_up_and_once_it_goes_on_writes_nothing_and_ends()
    {
        await using var cluster = await Silos.Start(silos: 2, hosts: 1);
        using var client = new Client(cluster.Hosts[0].Address);
        var users = await client.SignInSeveral(40);
        Assert.All(await Task.WhenAll(users.Select(user => client.Charge(user, "before"))), charged => Assert.Equal(201, charged!.Status));

        var frozen = cluster.All[0];
        frozen.Freeze();
        var since = Stopwatch.StartNew();

        // Some of their wallets were there, and some calls are on their way to it.
        await Task.WhenAll(users.Select(user => Until(async () => (await client.Charge(user, "after"))?.Status == 201)));
        var followed = since.Elapsed;
        await Task.Delay(Freeze > since.Elapsed ? Freeze - since.Elapsed : TimeSpan.Zero);
        frozen.GoOn();
        Assert.NotEqual(0, await frozen.Exit(Patience) ?? 0);
        await Task.WhenAll(users.Select(user => Until(async () => (await client.Charge(user, "last"))?.Status == 201)));
        foreach (var user in users)
        {
            var wallet = await client.Ask(new(HttpMethod.Get, "/v1/users/me/wallet") { Access = user });
            Assert.Equal(3_000, wallet.GetProperty("balance").GetInt64());
        }

        output.WriteLine($"All wallets answered again {followed.TotalSeconds:0.0} s after the silo was frozen.");
    }

    [PostgresFact]
    public async Task A_silo_that_is_asked_to_leave_finishes_what_it_has_and_the_other_goes_on()
    {
        await using var cluster = await Silos.Start(silos: 2, hosts: 1);
        using var client = new Client(cluster.Hosts[0].Address);
        var users = await client.SignInSeveral(20);
        Assert.All(await Task.WhenAll(users.Select(user => client.Charge(user, "first"))), charged => Assert.Equal(201, charged!.Status));

        // It is asked in the middle of calls; what was not answered is asked again under the same key.
        var leaving = cluster.All[0];
        var second = users.Select(user => Until(async () => (await client.Charge(user, "second"))?.Status == 201)).ToArray();
        leaving.Terminate();
        await Task.WhenAll(second);
        Assert.Equal(0, await leaving.Exit(Patience));
        foreach (var user in users)
        {
            var wallet = await client.Ask(new(HttpMethod.Get, "/v1/users/me/wallet") { Access = user });
            Assert.Equal(2_000, wallet.GetProperty("balance").GetInt64());
        }
    }

    [PostgresFact]
    public async Task One_key_that_is_sent_to_two_hosts_at_once_has_one_effect_and_is_in_nobodys_way()
    {
        await using var cluster = await Silos.Start(silos: 2, hosts: 2);
        using var one = new Client(cluster.Hosts[0].Address);
        using var other = new Client(cluster.Hosts[1].Address);
        var sale = new Sale();
        await sale.Open(one);
        await sale.AddSchedules(one, 1);
        var tokens = new List<string>();
        foreach (var user in await one.SignInSeveral(2))
        {
            tokens.Add((await one.Ask(new(HttpMethod.Post, "/v1/queue-tokens") { Access = user, Body = "{}" })).Text("token"));
        }

        for (var row = 1; row <= 30; row++)
        {
            var told = await Task.WhenAll(
                Hold(one, tokens[0], $"A-{row}-1", $"key-{row}"),
                Hold(other, tokens[0], $"A-{row}-2", $"key-{row}"),
                Hold(other, tokens[1], $"A-{row}-3", $"key-{row}"));
            Assert.Equal(201, told[2]!.Status);
            Assert.Single(told[..2], reply => reply!.Status == 201);
            Assert.Single(told[..2], reply => reply!.Code is "IDEMPOTENCY_IN_PROGRESS" or "IDEMPOTENCY_KEY_REUSED");
            foreach (var (reply, token) in told.Zip([tokens[0], tokens[0], tokens[1]]).Where(each => each.First!.Status == 201))
            {
                var id = reply!.Json.Text("reservationId");
                Assert.Equal(204, (await one.Send(new(HttpMethod.Delete, $"/v1/reservations/{id}") { Queue = token }))!.Status);
            }
        }

        static Task<Reply?> Hold(Client client, string token, string seat, string key) => client.Send(
            new(HttpMethod.Post, "/v1/schedules/slow-1/holds") { Queue = token, Key = key, Body = $$"""{"seats":["{{seat}}"]}""" });
    }

    [PostgresFact]
    public async Task A_server_of_its_own_does_not_start_on_the_database_of_a_cluster()
    {
        await using var cluster = await Silos.Start(silos: 1, hosts: 0);
        using var folder = new TemporaryFolder();
        await using var alone = Server.Launch(
            folder.Store, FreePorts.Next(), ("Concert:Storage:Kind", "Postgres"), ("ConnectionStrings:Concert", cluster.Database));
        Assert.Equal(1, await alone.Exit(Patience));
        Assert.Contains("cluster concert", alone.Errors, StringComparison.Ordinal);
    }

    private static async Task<List<Buyer>> Open(Silos cluster, Sale sale, SeatHistories histories, Findings findings, Random random)
    {
        using var client = new Client(cluster.Hosts[0].Address);
        await sale.Open(client);
        return await Buyer.SignIn(Buyers, client, sale, histories, findings, random);
    }

    /// <summary>Lets everybody shop, half of them at each host, through what happens in the middle of it.</summary>
    private static async Task<int> ShopThrough(
        Func<Task> fault, Silos cluster, Sale sale, List<Buyer> buyers, Random random, int cycle)
    {
        using var one = new Client(cluster.Hosts[0].Address);
        using var other = new Client(cluster.Hosts[1].Address);
        if (cycle % 10 == 1)
        {
            await sale.AddSchedules(one, cycle);
        }

        var before = sale.Acknowledged;
        var enough = before + random.Next(50, 400);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var shopping = Task.WhenAll(buyers.Select((buyer, index) => buyer.Shop(index % 2 == 0 ? one : other, stop.Token)));
        while (sale.Acknowledged < enough && !shopping.IsCompleted)
        {
            await Task.Delay(1);
        }

        await fault();
        await stop.CancelAsync();
        await shopping;
        await Task.WhenAll(cluster.Hosts.Select(host => host.Ready()));
        return sale.Acknowledged - before;
    }

    /// <summary>A silo is killed and followed; every third time both, every fourth a host too.</summary>
    private static async Task KillSome(Silos cluster, Random random, int cycle)
    {
        Server[] victims = cycle % 3 == 0 ? [.. cluster.All] : [cluster.All[random.Next(2)]];
        await Task.WhenAll(victims.Select(victim => victim.Kill()));
        if (cycle % 4 == 0)
        {
            await cluster.Hosts[1].Kill();
            await cluster.Hosts[1].DisposeAsync();
            cluster.Hosts[1] = cluster.LaunchHost();
        }

        await Task.WhenAll(victims.Select(cluster.Follow));
    }

    /// <summary>A silo hangs for about as long as it takes to be given up, and goes on among what was decided without it.</summary>
    private static async Task FreezeOne(Silos cluster, Random random)
    {
        var frozen = cluster.All[random.Next(2)];
        frozen.Freeze();
        await Task.Delay(random.Next(2_000, 12_000));
        frozen.GoOn();

        // One that goes on in time is no worse for it.
        if (await frozen.Exit(TimeSpan.FromSeconds(5)) is not null)
        {
            await cluster.Follow(frozen);
        }
    }

    private static async Task Until(Func<Task<bool>> holds)
    {
        for (var waited = Stopwatch.StartNew(); !await holds(); await Task.Delay(LookAgain))
        {
            Assert.True(waited.Elapsed < Patience, $"Not within {Patience.TotalSeconds} s.");
        }
    }
}
