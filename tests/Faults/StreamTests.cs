using System.Diagnostics;
using System.Globalization;
using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Faults;

/// <summary>Many streams of events at once, the clients in another process than the server.</summary>
public sealed class StreamTests(ITestOutputHelper output)
{
    private const int MostChanges = 10;

    /// <summary>With fewer streams the server itself outweighs them.</summary>
    private const int FewestMeasured = 5_000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1_500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Every_stream_is_told_of_every_change_and_told_to_come_back_at_the_stop()
    {
        var count = Rounds.Of("STREAMS", 200);
        var changes = count >= FewestMeasured ? MostChanges : 2;
        using var folder = new TemporaryFolder();
        await using var server = Server.Launch(folder.Store, FreePorts.Next());
        await server.Ready();
        using var client = new Client(server.Address);
        var schedule = await OpenSale(client);

        // In front of those who listen: one who is ACTIVE and buys, and those who leave.
        var buyer = await Join(client, "buyer");
        var ahead = new List<string>();
        for (var number = 0; number < changes; number++)
        {
            ahead.Add(await Join(client, $"ahead-{number}"));
        }

        var waiting = new string[count];
        var seats = $"/v1/schedules/{schedule}/seats/events";
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
            waiting[number] = await Join(client, $"user-{number}"));
        var before = Memory.Of(server.ProcessId);
        var tokens = waiting.Select(token => new Listener("/v1/queue-tokens/me/events", token)).ToArray();
        var watchers = waiting.Take(count / 20).Select(token => new Listener(seats, token)).ToArray();
        Listener[] all = [.. tokens, .. watchers];
        await Parallel.ForEachAsync(
            all, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (listener, _) => await listener.Open(server.Port));
        await Until(
            () => all.All(listener => listener.Last.Length > 0),
            () => $"{all.Count(listener => listener.Last.Length == 0)} were shown nothing.");
        await Task.Delay(Pause);
        var open = Memory.Of(server.ProcessId);

        var places = tokens.Select(listener => Position(listener.Last)).ToArray();
        Assert.Equal(Enumerable.Range(changes + 1, count).Select(place => (long)place), places.Order());
        var ofTokens = new List<double>();
        var ofSeats = new List<double>();
        for (var change = 1; change <= changes; change++)
        {
            var left = Stopwatch.GetTimestamp();
            await client.Ask(new(HttpMethod.Delete, "/v1/queue-tokens/me") { Queue = ahead[^change] });
            await Told(tokens, number => places[number] - change, left, ofTokens);
            var held = Stopwatch.GetTimestamp();
            var body = $$"""{"seats":["A-{{change}}-1"]}""";
            await client.Ask(new(HttpMethod.Post, $"/v1/schedules/{schedule}/holds") { Queue = buyer, Body = body });
            await Told(watchers, _ => change + 1, held, ofSeats);
            await Task.Delay(Pause);
        }

        var after = Memory.Of(server.ProcessId);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            {count} token streams, {watchers.Length} seat streams, {changes} changes of each
            change to event, token streams: {Percentiles(ofTokens)}
            change to event, seat streams: {Percentiles(ofSeats)}
            server, KiB: {before / 1024} without streams, {open / 1024} open, {after / 1024} after the changes
            a stream, bytes: {(open - before) / all.Length} idle, {(after - before) / all.Length} after the changes
            """));
        if (count >= FewestMeasured)
        {
            Assert.True(ofTokens.Concat(ofSeats).Max() <= 1_000, "An event came more than a second after its change.");
            Assert.True((after - before) / all.Length <= 30 * 1024, "A stream takes more than 30 KB.");
        }

        server.Terminate();
        Assert.Equal(0, await server.Exit(StopPatience));
        await Until(() => all.All(listener => listener.HasEnded), () => "Some streams outlive the server.");
        Assert.All(all, listener => listener.Dispose());
    }

    /// <summary>One schedule, behind a queue with one place.</summary>
    private static async Task<string> OpenSale(Client client)
    {
        var sale = new Sale();
        await sale.Open(client);
        await sale.AddSchedules(client, 1);
        await client.Ask(new(HttpMethod.Put, "/v1/admin/queues/main") { Access = sale.Admin, Body = """{"maxActive":1}""" });
        return sale.Schedules[0];
    }

    private static async Task Told(Listener[] listeners, Func<int, long> value, long since, List<double> milliseconds)
    {
        await Until(
            () => listeners.Index().All(one => one.Item.CameAt(value(one.Index)) is not null),
            () => $"{listeners.Index().Count(one => one.Item.CameAt(value(one.Index)) is null)} streams were never told.");
        milliseconds.AddRange(listeners.Index().Select(one =>
            Stopwatch.GetElapsedTime(since, one.Item.CameAt(value(one.Index))!.Value).TotalMilliseconds));
    }

    private static async Task Until(Func<bool> holds, Func<string> otherwise)
    {
        for (var waited = Stopwatch.StartNew(); !holds();)
        {
            Assert.True(waited.Elapsed < Patience, otherwise());
            await Task.Delay(20);
        }
    }

    private static async Task<string> Join(Client client, string userId)
    {
        var joined = await client.Ask(new(HttpMethod.Post, "/v1/queue-tokens") { Access = await client.SignIn(userId), Body = "{}" });
        return joined.Text("token");
    }

    private static long Position(string json) => System.Text.Json.JsonElement.Parse(json).Number("position");

    private static string Percentiles(List<double> milliseconds)
    {
        milliseconds.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"p50 {At(0.5):F0} ms, p99 {At(0.99):F0} ms, max {At(1):F0} ms of {milliseconds.Count} events");

        double At(double part) => milliseconds.Count == 0 ? 0 : milliseconds[(int)Math.Ceiling((milliseconds.Count - 1) * part)];
    }
}

/// <summary>What a process has in memory.</summary>
internal static class Memory
{
    /// <summary>Its resident bytes.</summary>
    public static long Of(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
