using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>Requests made of the contract and spoilt, over sockets, from many connections, at a server on the embedded store.</summary>
public sealed class HostileTests(ITestOutputHelper output) : IDisposable
{
    private const int Connections = 12;
    private const int Round = 2_000;
    private const long Allowance = 50 * 1024 * 1024;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("concert-hostile-");
    private readonly ConcurrentQueue<string> _findings = [];
    private readonly ConcurrentDictionary<string, int> _answers = [];

    /// <summary>In milliseconds, the longest that each call took.</summary>
    private readonly ConcurrentDictionary<string, long> _slowest = [];

    private long _charged;
    private long _payments;

    private static int Requests => Number("REQUESTS", 3_000);

    private static int Seed => Number("SEED", Environment.TickCount & int.MaxValue);

    [Fact]
    public async Task Whatever_is_asked_is_answered_as_the_contract_has_it()
    {
        var (requests, seed) = (Requests, Seed);
        await using var own = new Disposing(await Server.Start(await StoreOfTests.In(_folder.FullName)));
        var server = own.Server;
        TheContractIsThatOf(server);
        var known = await House.Furnish(server);
        await Attack(server, known, seed, -Round, Round / 2);
        var before = LiveBytes();
        for (var first = 0; first < requests && _findings.IsEmpty; first += Round)
        {
            await House.Refresh(server, known, 1 + (first / Round));
            await Attack(server, known, seed, first, Math.Min(Round, requests - first));
            server.Time.Advance(TimeSpan.FromSeconds(20));
        }

        var grown = LiveBytes() - before;
        output.WriteLine(
            $"{requests} requests, SEED={seed}: live heap {before >> 20} MiB and {grown / 1024} KiB more; the slowest: "
            + string.Join(", ", _slowest.OrderByDescending(pair => pair.Value).Take(4).Select(pair => $"{pair.Value} ms {pair.Key}")) + "\n"
            + string.Join('\n', _answers.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value,8} {pair.Key}")));
        Assert.True(_findings.IsEmpty, $"SEED={seed} REQUESTS={requests}\n{string.Join("\n\n", _findings.Take(10))}");
        await TheBooksAreRight(server, known);
        Assert.True(grown < Allowance, $"SEED={seed}: {grown >> 20} MiB more live after {requests} requests");
        NothingIsMissing(requests);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void TheContractIsThatOf(Server server) => Assert.Equal(
        server.Calls.Where(call => call.Method != "HEAD").Select(call => $"{call.Method} {call.Path} {call.Gate}").Order(),
        Contract.All.Select(call => $"{call.Method} {call.Path} {call.Gate}").Order());

    /// <summary>Some requests with these numbers, each made of the seed and its number.</summary>
    private async Task Attack(Server server, Known known, int seed, int first, int count)
    {
        var next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            using var line = new Line(server.Client.BaseAddress!.Port);
            for (int number; (number = Interlocked.Increment(ref next)) < first + count && _findings.Count < 10;)
            {
                await Fire(server, known, line, new Hostility(new Random(unchecked((seed * 1_000_003) + number)), known).Next(), number);
            }
        }));
    }

    private async Task Fire(Server server, Known known, Line line, Shot shot, int number)
    {
        var watch = Stopwatch.StartNew();
        string? wrong;
        Answer? answer = null;
        try
        {
            answer = await line.Ask(shot);
            wrong = Verdict.On(shot, answer);
        }
        catch (InvalidDataException exception)
        {
            wrong = exception.Message;
        }
        catch (TimeoutException exception)
        {
            wrong = exception.Message;
        }

        _slowest.AddOrUpdate($"{shot.Operation}", watch.ElapsedMilliseconds, (_, most) => Math.Max(most, watch.ElapsedMilliseconds));
        if (wrong is null)
        {
            Note(known, shot, answer!);
            return;
        }

        var address = server.Client.BaseAddress!;
        _findings.Enqueue(
            $"request {number}: {wrong}: {answer?.Status} {answer?.Text}\n{shot.ToCurl(address)}\nafter {line.Last?.ToCurl(address)}");
    }

    private void Note(Known known, Shot shot, Answer answer)
    {
        var json = answer.Body.Length > 0 && answer.Header("Content-Type")!.Contains("json", StringComparison.Ordinal)
            ? JsonElement.Parse(answer.Body)
            : default;
        var what = answer.IsSuccess ? shot.Operation!.ToString() : json.ValueKind == JsonValueKind.Object ? Code(json) : "bare";
        _answers.AddOrUpdate($"{answer.Status} {what}", 1, (_, count) => count + 1);
        if (answer.Status != 201 || answer.Header("Idempotency-Replayed") is not null)
        {
            return;
        }

        known.Learn(json);
        if (shot.Operation is { Path: "/v1/queue-tokens" })
        {
            known.Add(json.GetProperty("userId").GetString()!, json.GetProperty("token").GetString()!);
        }

        if (json.TryGetProperty("entryId", out _))
        {
            Interlocked.Add(ref _charged, JsonElement.Parse(Wire.Bytes(shot.Body!)).GetProperty("amount").GetInt64());
        }

        if (json.TryGetProperty("paidAt", out _))
        {
            Interlocked.Increment(ref _payments);
        }
    }

    private static string Code(JsonElement problem) => problem.TryGetProperty("code", out var code) ? code.GetString()! : "";

    /// <summary>What was refused did nothing: the books have what was answered with a yes, and no more.</summary>
    private async Task TheBooksAreRight(Server server, Known known)
    {
        var audit = (await server.Get("/v1/admin/audit/invariants", known.Admin)).Is(HttpStatusCode.OK);
        Assert.True(audit["ok"].GetBoolean(), $"{audit.Json}");
        var totals = audit["totals"];
        Assert.Equal(
            (_charged, _payments), (totals.GetProperty("charged").GetInt64(), totals.GetProperty("payments").GetInt64()));
    }

    /// <summary>A generator that hits nothing finds nothing: most calls succeed at times, most problems come up.</summary>
    private void NothingIsMissing(int requests)
    {
        var successes = Contract.All.Count(call =>
            _answers.Keys.Any(key => key.StartsWith('2') && key.EndsWith($" {call}", StringComparison.Ordinal)));
        var codes = ProblemCode.All.Count(code => _answers.ContainsKey($"{code.Status} {code.Code}"));
        output.WriteLine($"{successes} of {Contract.All.Count} calls succeeded, {codes} of {ProblemCode.All.Length} problems were told");
        Assert.True(requests < 3_000 || (successes > Contract.All.Count * 3 / 4 && codes > ProblemCode.All.Length / 2));
    }

    /// <summary>What is alive after two full collections that move everything together.</summary>
    private static long LiveBytes()
    {
        for (var time = 0; time < 2; time++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static int Number(string variable, int otherwise) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : otherwise;
}
