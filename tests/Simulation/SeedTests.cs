using System.Diagnostics;
using OrleansConcert.Simulation.Running;
using Xunit.Abstractions;

namespace OrleansConcert.Simulation;

/// <summary>
/// The real grains, rules, journal and reminders under a seed's scheduler, clock and disk. <c>SEED</c> names the first seed,
/// <c>SEEDS</c> how many, <c>OPERATIONS</c> how many operations each, <c>HISTORY</c> how much of a broken history is shown,
/// <c>TRACE</c> the file that gets every step of the first one. <c>make simulate</c> plays more of them, for longer.
/// </summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private static readonly bool s_isGate = Variable("CI") == "true";
    private static readonly int First = From("SEED", 1);
    private static readonly int Count = From("SEEDS", Variable("SEED") is not null ? 1 : s_isGate ? 1_000 : 100);
    private static readonly int Operations = From("OPERATIONS", s_isGate ? 1_000 : 200);

    [Fact]
    public void Every_seed_keeps_every_promise()
    {
        var broken = new List<string>();
        using var enough = new CancellationTokenSource();
        var tally = new Tally(Count);
        new Round(Operations, Environment.ProcessorCount).Play(Enumerable.Range(First, Count), Heard, enough.Token);
        output.WriteLine($"{Operations} operations a seed{(s_isGate ? "" : "; CI=true plays 1,000 seeds of 1,000")}: {tally}");
        Assert.True(broken.Count == 0, string.Join("\n\n", broken));

        void Heard(Verdict verdict)
        {
            tally.Add(verdict);
            if (verdict.Broken is not null)
            {
                broken.Add(verdict.Broken);
                if (broken.Count >= 10)
                {
                    enough.Cancel();
                }
            }
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        foreach (var seed in Enumerable.Range(First, 5))
        {
            Assert.DoesNotContain("two ways", Verdict.OfTwice(seed, Operations).Broken ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Worlds_side_by_side_go_as_each_alone()
    {
        var seeds = Enumerable.Range(First, 8).ToList();
        var together = new SortedDictionary<int, string>();
        new Round(Operations, workers: 4).Play(seeds, verdict => together.Add(verdict.Seed, verdict.Digest));
        Assert.Equal(seeds.Select(seed => Verdict.Of(seed, Operations).Digest), together.Values);
    }

    [Fact]
    public void Another_process_takes_the_same_steps()
    {
        var seeds = Enumerable.Range(First, 3).ToList();
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "exec", typeof(SeedTests).Assembly.Location, "digests", $"{First}..{First + 2}", $"{Operations}" },
            RedirectStandardOutput = true,
        };
        using var other = Process.Start(start)!;
        var digests = other.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        other.WaitForExit();
        Assert.Equal(seeds.Select(seed => Verdict.Of(seed, Operations).Digest), digests);
    }

    [Fact]
    public void Every_end_that_a_token_may_have_comes_about()
    {
        var ends = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var seed in Enumerable.Range(1, 25))
        {
            using var world = new World(seed, 200);
            world.Play();
            var books = world.Books;
            foreach (var end in books.Ends.Values.SelectMany(ends => ends))
            {
                Count($"{(books.Admissions.Contains(end.Ticket) ? TokenStatus.Active : TokenStatus.Waiting)} {end.Reason}", 1);
            }

            Count($"{EndReason.Rotated}", books.Rotations.Count);
        }

        output.WriteLine(string.Join(", ", ends.Select(end => $"{end.Key} {end.Value}")));
        string[] all =
        [
            "Active Admin", "Active Idle", "Active Left", "Active Paid", "Active Requeued", "Active Ttl",
            "Rotated", "Waiting Admin", "Waiting Idle", "Waiting Left", "Waiting Requeued",
        ];
        Assert.Equal(all, ends.Where(end => end.Value > 1).Select(end => end.Key));

        void Count(string what, int times) => ends[what] = ends.GetValueOrDefault(what) + times;
    }

    [Fact]
    public void A_step_can_be_read_in_the_trace()
    {
        using TextWriter trace = Variable("TRACE") is { } file ? new StreamWriter(file) : new StringWriter();
        var verdict = Verdict.Of(First, Operations, trace);
        Assert.Equal(Verdict.Of(First, Operations).Digest, verdict.Digest);
        Assert.True(trace is not StringWriter written || written.ToString().Split('\n').Length - 1 == verdict.Steps);
    }

    internal static int From(string variable, int otherwise) =>
        Variable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;
}
