using System.Text.RegularExpressions;

namespace OrleansConcert.Simulation.Running;

/// <summary>What was played, by which code, and what came of it: one line a range, only ever added to.</summary>
internal sealed partial class Ledger
{
    private const string Kept = "kept every promise";

    private readonly string _file;

    public Ledger(string file)
    {
        _file = Path.GetFullPath(file);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
    }

    /// <summary>The seeds that kept every promise with so many operations, in this very build.</summary>
    public HashSet<int> Done(int operations)
    {
        var done = new HashSet<int>();
        foreach (var line in File.Exists(_file) ? File.ReadLines(_file) : [])
        {
            if (Line().Match(line) is { Success: true } match && match.Groups["build"].Value == Build.Print
                && match.Groups["operations"].Value == operations.ToString(CultureInfo.InvariantCulture)
                && SeedRange.TryParse(match.Groups["seeds"].Value) is { } range)
            {
                done.UnionWith(range.Seeds());
            }
        }

        return done;
    }

    public void AddKept(SeedRange range, int operations, double rate) =>
        Add(range, operations, string.Create(CultureInfo.InvariantCulture, $"{Kept}  {rate:0} operations/s"));

    /// <summary>A seed that is broken is not done: it is played again until it holds.</summary>
    public void AddBroken(int seed, int operations, string why) =>
        Add(new SeedRange(seed, seed), operations, $"BROKEN: {why.Split('\n')[0]}");

    private void Add(SeedRange range, int operations, string result)
    {
        var at = TimeProvider.System.GetUtcNow();
        File.AppendAllText(_file, string.Create(
            CultureInfo.InvariantCulture,
            $"{at:yyyy-MM-dd HH:mm:ss}Z  commit {Build.Commit}  build {Build.Print}  seeds {range}  operations {operations}  {result}\n"));
    }

    [GeneratedRegex(@"  build (?<build>\w+)  seeds (?<seeds>[\d.]+)  operations (?<operations>\d+)  " + Kept)]
    private static partial Regex Line();
}
