namespace OrleansConcert.Storage.Tests;

/// <summary>Random appends, faults, kills and power cuts against what a naive reader of the outcomes must conclude.</summary>
public sealed class RandomWalkTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 150)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Outcomes_are_true_whatever_the_disk_does(int seed)
    {
        try
        {
            new Turns(new Random(seed)).Run(() => new Walk(seed).Go(rounds: 100));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
        }
    }
}
