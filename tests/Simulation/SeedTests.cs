using Xunit.Abstractions;

namespace OrleansConcert.Simulation;

/// <summary>
/// The real grains, rules, journal and reminders under a seed's scheduler, clock and disk. <c>SEED</c> names the first seed,
/// <c>SEEDS</c> how many, <c>OPERATIONS</c> how many operations each, <c>HISTORY</c> how much of a broken history is shown,
/// <c>TRACE</c> the file that gets every step of the last one.
/// </summary>
public sealed class SeedTests(ITestOutputHelper output)
{
    private static readonly int First = From("SEED", 1);
    private static readonly int Count = From("SEEDS", Environment.GetEnvironmentVariable("SEED") is null ? 100 : 1);
    private static readonly int Operations = From("OPERATIONS", 200);

    private static readonly string? Trace = Environment.GetEnvironmentVariable("TRACE");

    [Fact]
    public void Every_seed_keeps_every_promise()
    {
        var broken = new List<string>();
        var started = TimeProvider.System.GetTimestamp();
        var steps = 0L;
        for (var seed = First; seed < First + Count && broken.Count < 10; seed++)
        {
            using var trace = Trace is null ? null : new StreamWriter(Trace);
            using var world = new World(seed, Operations, trace);
            try
            {
                world.Play();
            }
            catch (BrokenPromiseException promise)
            {
                broken.Add(promise.Message);
            }

            steps += world.Steps;
        }

        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Count} seeds of {Operations} operations: {Count * Operations / seconds:N0} operations "
            + $"and {steps / seconds:N0} steps a second"));
        Assert.True(broken.Count == 0, string.Join("\n\n", broken));
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        for (var seed = First; seed < First + 5; seed++)
        {
            Assert.Equal(HistoryOf(seed), HistoryOf(seed));
        }
    }

    private static (string Digest, string Lines) HistoryOf(int seed)
    {
        using var world = new World(seed, Operations);
        try
        {
            world.Play();
        }
        catch (BrokenPromiseException)
        {
            // The other test tells of it; it too must happen every time.
        }

        return (world.Digest, string.Join('\n', world.History.Lines));
    }

    internal static int From(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
