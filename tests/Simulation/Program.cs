using OrleansConcert.Simulation;
var parts = args[1].Split("..");
for (var seed = int.Parse(parts[0], CultureInfo.InvariantCulture); seed <= int.Parse(parts[1], CultureInfo.InvariantCulture); seed++)
{
    using var world = new World(seed, int.Parse(args[3], CultureInfo.InvariantCulture));
    world.Play();
    Console.WriteLine($"{seed} {world.Steps} {world.Digest}");
}
Console.WriteLine($"{Environment.CpuUsage.TotalTime} gc {GC.GetTotalPauseDuration()} {GC.CollectionCount(0)} {GC.CollectionCount(1)} {GC.CollectionCount(2)} {GC.GetTotalAllocatedBytes():N0}");
