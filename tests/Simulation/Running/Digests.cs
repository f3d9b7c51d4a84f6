namespace OrleansConcert.Simulation.Running;

/// <summary>The digests of some seeds, a line each: how one process shows another what it did.</summary>
internal static class Digests
{
    public static int Print(string[] seedsAndOperations, TextWriter output)
    {
        foreach (var seed in SeedRange.TryParse(seedsAndOperations[0])!.Value.Seeds())
        {
            output.WriteLine(Verdict.Of(seed, int.Parse(seedsAndOperations[1], CultureInfo.InvariantCulture)).Digest);
        }

        return 0;
    }
}
