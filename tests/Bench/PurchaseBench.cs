using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansConcert.Domain;
using OrleansConcert.Domain.Access;
using OrleansConcert.Grains.Abstractions;
using OrleansConcert.Postgres;
using OrleansConcert.Silo;

namespace OrleansConcert.Bench;

/// <summary>
/// Purchases a second over HTTP: everybody holds a seat of their own of one schedule and pays for it, on the embedded store and on a
/// throwaway PostgreSQL, beside the ceiling: the same server answering a constant.
/// </summary>
internal static class PurchaseBench
{
    private const int Connections = 64;
    private const int SeatsPerRow = 100;

    public static async Task<int> Run(Options options)
    {
        var (rounds, seconds, buyers) = (options.Number("--rounds", 3), options.Seconds(3), options.Number("--buyers", 60_000));
        var all = new Dictionary<string, List<Round>>();
        await using var postgres = await ThrowawayPostgres.StartAsync();
        foreach (var store in postgres is null ? [StorageKind.Embedded] : new[] { StorageKind.Embedded, StorageKind.Postgres })
        {
            var folder = Directory.CreateTempSubdirectory("concert-bench-");
            try
            {
                var database = store == StorageKind.Postgres ? await postgres!.NewDatabaseAsync("bench") : "";
                await Play(store, folder.FullName, database, buyers, rounds, seconds, all);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        Print(all);
        await File.WriteAllTextAsync(options.Json("artifacts/purchase-bench.json"), JsonSerializer.Serialize(all));
        return all.Values.SelectMany(each => each).Any(round => round.Refused > 0) ? 1 : 0;
    }

    private static async Task Play(
        StorageKind store, string folder, string database, int buyers, int rounds, double seconds, Dictionary<string, List<Round>> all)
    {
        var secret = RandomNumberGenerator.GetBytes(KeyRing.MinKeyBytes);
        var tokens = await Fill(new() { Kind = store, Path = folder, ConnectionString = database, SigningKeys = [secret] }, buyers);
        await using var server = await ServerProcess.Start(
            folder, Convert.ToBase64String(secret), ("Concert__Storage__Kind", $"{store}"), ("ConnectionStrings__Concert", database));
        using var client = await LeanClient.Connect(server.Port, Connections);
        var health = Request("GET /health/live HTTP/1.1", "", "");
        var next = -1;
        for (var round = 0; round <= rounds; round++)
        {
            var ceiling = await client.Run(server, seconds, () => health);
            var mix = await client.Run(server, seconds, () => Buying(tokens, () => Interlocked.Increment(ref next)));
            if (round > 0)
            {
                Add(all, $"ceiling beside {store}", ceiling);
                Add(all, $"hold and pay on {store}", mix);
            }
        }
    }

    /// <summary>What one connection sends: a buyer's hold, the same buyer's payment, the next buyer's hold.</summary>
    private static Func<ReadOnlyMemory<byte>> Buying(string[] tokens, Func<int> next)
    {
        var (buyer, holds) = (0, false);
        return () =>
        {
            holds = !holds;
            buyer = holds ? next() : buyer;
            if (buyer >= tokens.Length)
            {
                throw new InvalidOperationException($"{tokens.Length} buyers are too few: --buyers.");
            }

            var seat = $"A-{(buyer / SeatsPerRow) + 1}-{(buyer % SeatsPerRow) + 1}";
            return holds
                ? Request("POST /v1/schedules/one/holds HTTP/1.1", tokens[buyer], $$"""{"seats":["{{seat}}"]}""")
                : Request("POST /v1/payments HTTP/1.1", tokens[buyer], $$"""{"scheduleId":"one","seats":["{{seat}}"]}""");
        };
    }

    /// <summary>A queue that admits everybody, a house, and so many in front of it with money, written by the real grains.</summary>
    private static async Task<string[]> Fill(SiloSettings settings, int buyers)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        await builder.AddConcertSilo(settings);
        using var host = builder.Build();
        await host.StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var queue = grains.GetGrain<IWaitingQueueGrain>(WireNames.MainQueue);
        await queue.Put("standard", Preset.Standard.Queue with
        {
            AdmitCount = null,
            MaxActive = null,
            ActiveTtl = TimeSpan.FromDays(1),
            ActiveIdleTimeout = null,
        });
        var concert = grains.GetGrain<IConcertGrain>("bench");
        await concert.Make(new("bench", "Bench", WireNames.MainQueue, "Asia/Seoul", Preset.Standard.Sale), null);
        var startsAt = Instant.From(TimeProvider.System.GetUtcNow().AddDays(30));
        var rows = (buyers + SeatsPerRow - 1) / SeatsPerRow;
        await concert.AddSchedule(new("one", startsAt, null, null, [new("A", rows, SeatsPerRow, 1_000)]), null);
        var (tokens, next) = (new string[buyers], -1);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async _ =>
        {
            for (int number; (number = Interlocked.Increment(ref next)) < buyers;)
            {
                tokens[number] = (await queue.Join($"buyer-{number}", null)).Value!.Token;
                await grains.GetGrain<IWalletGrain>($"buyer-{number}").Charge(1_000, null);
            }
        }));
        await host.StopAsync();
        return tokens;
    }

    private static byte[] Request(string head, string token, string body)
    {
        var credential = token == "" ? "" : $"Queue-Token: {token}\r\n";
        var length = body == "" ? "" : $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n";
        return Encoding.ASCII.GetBytes($"{head}\r\nHost: localhost\r\n{credential}{length}\r\n{body}");
    }

    private static void Add(Dictionary<string, List<Round>> all, string name, Round round)
    {
        if (!all.TryGetValue(name, out var rounds))
        {
            all.Add(name, rounds = []);
        }

        rounds.Add(round);
    }

    private static void Print(Dictionary<string, List<Round>> all)
    {
        Say($"{"requests a second",-32}{"min",9}{"median",9}{"max",9}{"server us each",16}{"not 2xx",9}");
        foreach (var (name, rounds) in all)
        {
            var rates = rounds.ConvertAll(round => round.AnswersASecond);
            rates.Sort();
            var cost = rounds.Select(round => round.MicrosecondsEach).Order().ElementAt(rounds.Count / 2);
            var refused = rounds.Sum(round => round.Refused);
            Say($"{name,-32}{rates[0],9:N0}{rates[rates.Count / 2],9:N0}{rates[^1],9:N0}{cost,16:F1}{refused,9}");
        }
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
