using System.Globalization;
using Xunit.Abstractions;

namespace OrleansConcert.Faults.Repeats;

/// <summary>Every keyed call, each sent 1 to 10 times: at once, later, with clients that do not stay, over stops and kills.</summary>
public sealed class RepeatTests(ITestOutputHelper output)
{
    private const int KeysOfAShopper = 12;
    private const int AtOnce = 16;
    private const int Echoes = 8;
    private const int MostKeysPerStart = 1_500;

    [Fact]
    public async Task Every_key_has_one_effect_and_one_answer_however_often_it_is_sent()
    {
        var keys = Number("KEYS", 400);
        var seed = Number("SEED", Environment.TickCount & int.MaxValue);
        var shoppers = Math.Max(1, keys / KeysOfAShopper);
        var findings = new Findings();
        using var folder = new TemporaryFolder();
        await using var site = new Site(folder.Store);
        var crowd = new Crowd(site, findings);
        var all = Enumerable.Range(0, shoppers).Select(number => new Shopper(number, crowd, new Random(seed + number))).ToList();
        try
        {
            await site.Start();
            var date = await Opening.Open(crowd, shoppers);
            var echoes = Enumerable.Range(0, Echoes).Select(echo => crowd.Echo(new Random(seed - echo - 1))).ToList();
            var shopping = Each(all, shopper => shopper.Shop(date));
            await Disturb(crowd, keys, new Random(seed), shopping);
            await shopping;
            await site.Restart(gracefully: false);
            crowd.Close();
            await Task.WhenAll(echoes);
            await Each(all, shopper => shopper.Inspect());
            await Inspect(crowd, all);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            findings.Add($"{exception}");
        }

        var bytes = new DirectoryInfo(folder.Store).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        output.WriteLine(
            $"{crowd.Keys} keys, {crowd.Sends} sends, {crowd.AnswersInProgress} while the first ran, {site.Generation} starts, "
            + $"{bytes >> 10} KiB in the store, SEED={seed}");
        Assert.False(findings.Any, $"SEED={seed} KEYS={keys}\n{findings}\n{site.Output}");
    }

    private static Task Each(IReadOnlyList<Shopper> all, Func<Shopper, Task> act) => Parallel.ForEachAsync(
        all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (shopper, _) => await act(shopper));

    /// <summary>Stops and kills it in turn, each after some more keys.</summary>
    private static async Task Disturb(Crowd crowd, int keys, Random random, Task shopping)
    {
        for (var restart = 0; !shopping.IsCompleted; restart++)
        {
            var enough = crowd.Keys + Math.Min(MostKeysPerStart, random.Next(keys / 3, keys / 2));
            while (crowd.Keys < enough && !shopping.IsCompleted)
            {
                await Task.Delay(1);
            }

            if (!shopping.IsCompleted)
            {
                await crowd.Site.Restart(gracefully: int.IsOddInteger(restart));
            }
        }
    }

    /// <summary>The books of the house, after everybody has looked at their own.</summary>
    private static async Task Inspect(Crowd crowd, List<Shopper> all)
    {
        var audit = await crowd.Site.Get("/v1/admin/audit/invariants", crowd.Admin);
        var totals = audit.GetProperty("totals");
        crowd.Findings.Unless(
            audit.GetProperty("ok").GetBoolean()
                && totals.Number("charged") == all.Sum(shopper => shopper.Charged)
                && totals.Number("paid") == 2L * Shopper.Price * all.Count
                && totals.Number("refunded") == Shopper.Price * (long)all.Count
                && totals.Number("soldSeats") == all.Count,
            $"the audit of {all.Count} shoppers says {audit}");
        var figures = (await crowd.Site.Get($"/v1/admin/queues/{Shopper.Queue}", crowd.Admin)).GetProperty("figures");
        crowd.Findings.Unless(
            figures.Number("admittedTotal") == 2 * all.Count && figures.Number("doneTotal") == 2 * all.Count
                && figures.Number("active") == 0 && figures.Number("waiting") == 0,
            $"the queue of {all.Count} shoppers says {figures}");
        var concerts = 0;
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await crowd.Site.Get($"/v1/concerts?limit=100{cursor}", crowd.Admin);
            concerts += page.GetProperty("concerts").EnumerateArray().Count(concert => concert.Number("schedules") == 1);
            cursor = page.Text("nextCursor") is { Length: > 0 } next ? $"&cursor={next}" : null;
        }

        crowd.Findings.Unless(concerts == 1 + all.Sum(shopper => shopper.Concerts), $"{concerts} concerts have a schedule");
    }

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
