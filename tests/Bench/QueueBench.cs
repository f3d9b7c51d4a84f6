using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansConcert.Domain;
using OrleansConcert.Domain.Access;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Grains.Abstractions;
using OrleansConcert.Silo;

namespace OrleansConcert.Bench;

/// <summary>
/// Polls and joins a second over HTTP with a crowd waiting, beside the ceiling: the same server answering a constant. Rounds of the
/// three are interleaved, and only their ratios mean something.
/// </summary>
internal static class QueueBench
{
    private const int Connections = 64;

    /// <summary>Neighbours in the line are not asked about one after another.</summary>
    private const uint Scatter = 2_654_435_761;

    public static async Task<int> Run(Options options)
    {
        var (waiting, rounds) = (options.Number("--waiting", 500_000), options.Number("--rounds", 5));
        var seconds = options.Seconds(3);
        var folder = Directory.CreateTempSubdirectory("concert-bench-");
        try
        {
            var secret = RandomNumberGenerator.GetBytes(KeyRing.MinKeyBytes);
            var tokens = await Fill(folder.FullName, secret, waiting);
            var loading = Stopwatch.StartNew();
            await using var server = await ServerProcess.Start(folder.FullName, Convert.ToBase64String(secret));
            using var client = await LeanClient.Connect(server.Port, Connections);
            var polls = tokens.Select(token => Request($"GET /v1/queue-tokens/me HTTP/1.1\r\nQueue-Token: {token}", "")).ToArray();
            await client.Run(server, 0, () => polls[0]);
            Say($"{waiting:N0} wait; the server knew them all after {loading.Elapsed.TotalSeconds:F1} s");

            var poll = 0;
            var health = Request("GET /health/live HTTP/1.1", "");
            var joins = new Joins(new([[.. secret]]));
            var works = new (string Name, Func<ReadOnlyMemory<byte>> Next)[]
            {
                ("ceiling: GET /health/live", () => health),
                ("poll: GET /v1/queue-tokens/me", () => polls[(uint)Interlocked.Increment(ref poll) * Scatter % (uint)polls.Length]),
                ("join: POST /v1/queue-tokens", joins.Next),
            }.Where((work, place) => place == 0 || options.Wants(work.Name)).ToArray();
            var results = works.ToDictionary(work => work.Name, _ => new List<Round>());
            for (var round = 0; round <= rounds; round++)
            {
                foreach (var (name, next) in works)
                {
                    joins.Prepare((int)(seconds * 150_000));
                    var result = await client.Run(server, seconds, next);
                    if (round > 0)
                    {
                        results[name].Add(result);
                    }
                }
            }

            Print(results, works[0].Name);
            Say($"the server has {server.Resident >> 20:N0} MiB at the end");
            await File.WriteAllTextAsync(options.Json("artifacts/queue-bench.json"), JsonSerializer.Serialize(results));
            return results.Values.SelectMany(all => all).Any(round => round.Refused > 0) ? 1 : 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A queue that admits nobody, and so many in it, written by the real grain.</summary>
    private static async Task<string[]> Fill(string folder, byte[] secret, int waiting)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        await builder.AddConcertSilo(new() { Path = folder, SigningKeys = [secret] });
        using var host = builder.Build();
        await host.StartAsync();
        var queue = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IWaitingQueueGrain>(WireNames.MainQueue);
        await queue.Put("standard", Preset.Standard.Queue with { WaitingIdleTimeout = null });
        await queue.SetMode(QueueMode.Paused, null);
        var tokens = new string[waiting];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(async _ =>
        {
            for (int number; (number = Interlocked.Increment(ref next)) < waiting;)
            {
                tokens[number] = (await queue.Join($"waiter-{number}", null)).Value!.Token;
            }
        }));
        await host.StopAsync();
        return tokens;
    }

    private static byte[] Request(string head, string body)
    {
        var length = body == "" ? "" : $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n";
        return Encoding.ASCII.GetBytes($"{head}\r\nHost: localhost\r\n{length}\r\n{body}");
    }

    private static void Print(Dictionary<string, List<Round>> results, string ceiling)
    {
        var top = Median(results[ceiling].Select(round => round.AnswersASecond));
        Say($"{"answers a second",-32}{"min",9}{"median",9}{"max",9}{"of the ceiling",16}{"server us each",16}{"not 2xx",9}");
        foreach (var (name, all) in results)
        {
            var rates = all.ConvertAll(round => round.AnswersASecond);
            var (median, cost) = (Median(rates), Median(all.Select(round => round.MicrosecondsEach)));
            var refused = all.Sum(round => round.Refused);
            Say($"{name,-32}{rates.Min(),9:N0}{median,9:N0}{rates.Max(),9:N0}{median / top,16:F2}{cost,16:F1}{refused,9}");
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var all ? all[all.Length / 2] : 0;

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Joins of users whom nobody has seen yet, written before they are needed.</summary>
    private sealed class Joins(KeyRing keys)
    {
        private static readonly Instant Later = Instant.From(TimeProvider.System.GetUtcNow().AddDays(1));
        private byte[][] _ready = [];
        private int _next;
        private int _made;

        public void Prepare(int count)
        {
            // What was not used is still good.
            var left = _ready[Math.Min(_next, _ready.Length)..];
            _ready = [.. left, .. Enumerable.Range(_made, Math.Max(0, count - left.Length)).AsParallel().Select(Join)];
            _made += Math.Max(0, count - left.Length);
            _next = 0;
        }

        public ReadOnlyMemory<byte> Next() => _ready[Interlocked.Increment(ref _next) - 1];

        private byte[] Join(int number)
        {
            var access = new AccessToken($"joiner-{number}", false, Later).Sign(keys);
            return Request($"POST /v1/queue-tokens HTTP/1.1\r\nAuthorization: Bearer {access}", "{}");
        }
    }
}
