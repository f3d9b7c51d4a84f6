using System.Diagnostics;
using OrleansConcert.Faults.Linearizability;
using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Faults;

/// <summary>A database that goes and comes under a server that people buy from, as they see it.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private const int Buyers = 20;
    private const int OutagesPerHouse = 5;

    /// <summary>So many calls are answered before the next outage: everybody is in the middle of things.</summary>
    private const int CallsBetween = 500;

    private const int OutagesInTheGate = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    /// <summary>What is promised: with <c>BOUNDS</c>, on a machine with nothing else to do; else everything may take longer.</summary>
    private static readonly bool s_isTimed = Environment.GetEnvironmentVariable("BOUNDS") is { Length: > 0 };

    private static readonly TimeSpan s_answered = TimeSpan.FromSeconds(s_isTimed ? 2.5 : 15);
    private static readonly TimeSpan s_turned = TimeSpan.FromSeconds(s_isTimed ? 2 : 4);
    private static readonly TimeSpan s_well = TimeSpan.FromSeconds(s_isTimed ? 1 : 15);

    private readonly Findings _findings = new();
    private readonly Sightings _sightings = new();
    private readonly Sale _sale = new();
    private readonly SeatHistories _histories = new();
    private int _happened;

    [PostgresFact]
    public async Task However_the_database_is_lost_everybody_is_told_in_time_and_all_is_well_once_it_is_back()
    {
        var rounds = Rounds.Of("OUTAGES", OutagesInTheGate);
        var seed = Rounds.Seed();
        var random = new Random(seed);
        await using var outages = await Outages.Start(random);
        using var folder = new TemporaryFolder();
        await using var server = await Server.StartOn(outages.Database, folder);
        using var client = new Client(server.Address, _sightings.Note);
        using var stop = new CancellationTokenSource();
        var watching = Sightings.Watch(client, stop.Token);
        try
        {
            await Sell(rounds, outages, client, random);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _findings.Add($"{exception}");
        }

        await stop.CancelAsync();
        await watching;
        _findings.Unless(!server.HasExited, "the server ended");
        output.WriteLine(
            $"SEED={seed}: {_happened} outages, {_sale.Acknowledged} operations acknowledged, {_histories.Judged} on seats linearizable"
            + (LoopDisk.WhyNot is { } why ? $"; no disk was filled: {why}" : ""));
        Assert.False(_findings.Any, $"SEED={seed}: {_findings}\n{server.Errors}\n{server.Output}");
    }

    private async Task Sell(int rounds, Outages outages, Client client, Random random)
    {
        await _sale.Open(client);
        var buyers = await Buyer.SignIn(Buyers, client, _sale, _histories, _findings, random);
        List<Place> order = [];
        var left = new Queue<Outage>();
        while (_happened < rounds && !_findings.Any)
        {
            await _sale.AddSchedules(client, _happened);
            using var closing = new CancellationTokenSource();
            var shopping = Task.WhenAll(buyers.Select(buyer => Shop(buyer, client, closing.Token)));
            try
            {
                for (var house = 0; house < OutagesPerHouse && _happened < rounds && !_findings.Any; house++)
                {
                    if (left.Count == 0)
                    {
                        // A frozen database answers nothing at all and breaks no connection: it comes first, so that no run is without.
                        left = new(Outages.All.OrderBy(outage => outage == Outage.Frozen ? -1 : random.Next()));
                    }

                    await Happen(left.Dequeue(), outages);
                }
            }
            finally
            {
                await closing.CancelAsync();
                await shopping;
            }

            order = await new Inspection(client, _sale, buyers, _findings, random) { IsSameServer = true }.Inspect(order);
            _sale.Schedules.SelectMany(_histories.Wrong).ToList().ForEach(_findings.Add);
        }
    }

    private async Task Shop(Buyer buyer, Client client, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            _findings.Unless(await buyer.Step(client), $"{buyer.UserId} got no answer");
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task Happen(Outage outage, Outages outages)
    {
        await _sale.MoreAcknowledged(CallsBetween);
        _sightings.Forget();
        var start = Stopwatch.GetTimestamp();
        var gone = await outages.Happen(outage, () => Until(() => Refused(start).Any(), "nobody is refused"));
        var back = await outages.IsBack();
        await Until(() => Firsts(back).All(first => first is not null), "it does not get well");
        var well = Firsts(back).Select(first => Stopwatch.GetElapsedTime(back, first!.Answered)).ToList();
        await Task.Delay(Calm);
        JudgeAnswers(outage, start, back);
        var turned = gone is { } span && span.Span > s_turned ? JudgeReadiness(outage, span) : null;
        var times = string.Join(", ", well.Select(span => $"{span.TotalMilliseconds:F0}"));
        _findings.Unless(well.Max() <= s_well, $"{outage}: ready, a hold, a payment after {times} ms");
        _happened++;
        Rounds.Progress(
            $"{_happened}: {outage}, gone for {gone?.Span.TotalMilliseconds ?? 0:F0} ms; {Refused(start).Count()} refused, "
            + $"the slowest after {Refused(start).Select(one => one.Took.TotalMilliseconds).DefaultIfEmpty().Max():F0} ms; "
            + $"not ready after {turned?.TotalMilliseconds:F0} ms, ready, a hold, a payment after {times} ms");
    }

    private IEnumerable<Sighting> Refused(long from) => _sightings.Calls(from).Where(one => one.Reply is { Status: 503 });

    /// <summary>A success or a problem, in time; none of the store's once it is well again; and it lives.</summary>
    private void JudgeAnswers(Outage outage, long start, long back)
    {
        foreach (var one in _sightings.Calls(start))
        {
            var isRefused = one.Reply is { Status: 503, Code: "UNAVAILABLE", RetryAfter: > 0 };
            _findings.Unless(
                one.Reply is { Status: < 500 } || (isRefused && one.Took <= s_answered),
                $"{outage}: {one}, Retry-After {one.Reply?.RetryAfter}");
            _findings.Unless(
                !isRefused || Stopwatch.GetElapsedTime(back, one.Asked) < s_well,
                $"{outage}: {Stopwatch.GetElapsedTime(back, one.Asked)} after the database was back {one}");
        }

        foreach (var one in _sightings.Live(start))
        {
            _findings.Unless(one.Reply is { Status: 200 } && one.Took <= s_answered, $"{outage}: {one}");
        }
    }

    /// <summary>After how long it is ready no more, which it stays.</summary>
    private TimeSpan? JudgeReadiness(Outage outage, Gone gone)
    {
        var shown = _sightings.Ready(gone.From).Where(one => one.Answered <= gone.Until).ToList();
        var first = shown.FirstOrDefault(one => one.Reply is { Status: 503, RetryAfter: > 0 });
        var turned = first is null ? (TimeSpan?)null : Stopwatch.GetElapsedTime(gone.From, first.Answered);
        _findings.Unless(turned <= s_turned, $"{outage}: it is ready for {turned}");
        foreach (var one in shown.Where(one => one.Reply is not { Status: 503 }))
        {
            var after = Stopwatch.GetElapsedTime(gone.From, one.Asked);
            _findings.Unless(after <= s_turned, $"{outage}: after {after} {one}");
        }

        return turned;
    }

    /// <summary>The first of all asked then to be told: that it is ready, of a hold, of a payment; null where there is none yet.</summary>
    private Sighting?[] Firsts(long back)
    {
        var calls = _sightings.Calls(back).Where(one => one.Asked >= back && one.Reply is { Status: 201 }).ToList();
        return
        [
            _sightings.Ready(back).FirstOrDefault(one => one.Asked >= back && one.Reply is { Status: 200 }),
            calls.FirstOrDefault(one => one.Request.Path.EndsWith("/holds", StringComparison.Ordinal)),
            calls.FirstOrDefault(one => one.Request.Path == "/v1/payments"),
        ];
    }

    private static async Task Until(Func<bool> isSo, string otherwise)
    {
        for (var waited = Stopwatch.StartNew(); !isSo(); await Task.Delay(20))
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), otherwise);
        }
    }
}
