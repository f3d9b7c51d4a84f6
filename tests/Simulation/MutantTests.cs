using System.Diagnostics;
using Xunit.Abstractions;

namespace OrleansConcert.Simulation;

/// <summary>
/// Bugs are planted in a copy of the tree, and the simulator has to find them. All of them: <c>make mutants</c>; here three of
/// them with the seeds that the table in <c>Mutants/README.md</c> names, so that neither patches nor simulator go stale.
/// </summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    private static readonly string[] Again = ["01", "16", "36"];
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [Fact]
    public void A_planted_bug_is_found_by_its_seed_and_the_seed_is_clean_without_it()
    {
        var seeds = Again.Select(SeedOf).ToArray();
        foreach (var seed in seeds)
        {
            using var world = new World(seed, 1_000);
            world.Play();
        }

        var (code, said) = Hunt(Again.Zip(seeds, (mutant, seed) => $"{mutant}:{seed}"));

        output.WriteLine(said);
        Assert.True(code is 0 or NothingToPlantWith, said);
        Assert.True(code == NothingToPlantWith || Again.All(mutant => said.Contains($"{mutant}-", StringComparison.Ordinal)), said);
    }

    [Fact]
    public void Every_patch_says_what_is_wrong_and_has_its_row() => Assert.All(Directory.EnumerateFiles(Folder, "*.patch"), patch =>
    {
        var what = File.ReadLines(patch).First();

        Assert.DoesNotMatch("^(---|diff )", what);
        Assert.Contains($"| {Path.GetFileName(patch)[..2]} | {what} | ", File.ReadAllText(Table), StringComparison.Ordinal);
    });

    /// <summary>What <c>hunt</c> ends with where git or the SDK is missing.</summary>
    private const int NothingToPlantWith = 3;

    private static string Folder { get; } = FolderOfMutants();

    private static string Table => Path.Combine(Folder, "README.md");

    private static int SeedOf(string mutant) => int.Parse(
        File.ReadLines(Table).Single(row => row.StartsWith($"| {mutant} | ", StringComparison.Ordinal)).Split(" | ")[2],
        CultureInfo.InvariantCulture);

    private static (int Code, string Said) Hunt(IEnumerable<string> mutants)
    {
        using var hunt = Process.Start(new ProcessStartInfo("bash", ["hunt", .. mutants])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            Environment = { ["KEEP"] = "no" },
        })!;
        var said = hunt.StandardOutput.ReadToEndAsync();
        if (!hunt.WaitForExit(Limit))
        {
            hunt.Kill(entireProcessTree: true);
        }

        return (hunt.ExitCode, said.GetAwaiter().GetResult());
    }

    private static string FolderOfMutants()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "OrleansConcert.sln")))
            {
                return Path.Combine(folder, "tests", "Simulation", "Mutants");
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds OrleansConcert.sln.");
    }
}
