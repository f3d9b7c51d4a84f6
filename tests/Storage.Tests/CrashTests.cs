using System.Globalization;

namespace OrleansConcert.Storage.Tests;

/// <summary>A process that dies at each step there is, from its first start to its close, and a power cut soon after.</summary>
public sealed class CrashTests
{
    private static readonly FileJournalOptions Small = new() { SegmentBytes = 4 << 10, FillBytes = 4 << 10 };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Nothing_acknowledged_is_lost_at_whichever_step_the_process_dies(int seed)
    {
        var died = true;
        for (var step = 0; died; step++)
        {
            var random = new Random((seed * 10_000) + step);
            var disk = new SimulatedDisk(random);
            var left = step;
            disk.OnStep = (_, _) => ValueTask.FromResult(left-- <= 0 ? DiskFault.Die : DiskFault.None);
            var acknowledged = await Live(disk);
            died = left < 0;

            disk = random.Next(2) == 0 ? disk.AfterKill() : disk.AfterPowerCut();
            var next = await LiveOn(disk, acknowledged, $"seed {seed}, step {step}");
            await LiveOn(disk.AfterPowerCut(), next, $"seed {seed}, step {step}, after the power cut");
        }
    }

    /// <summary>Starts, appends over a few segments, closes; gives how many appends were acknowledged.</summary>
    private static async Task<int> Live(SimulatedDisk disk)
    {
        var acknowledged = 0;
        try
        {
            await using var journal = await FileJournal.Open(disk, Small);
            while (acknowledged < 12)
            {
                await journal.Append(Given.Event("a", acknowledged, $"{acknowledged} {new string('x', 800)}"));
                acknowledged++;
            }
        }
        catch (Exception e) when (e is StoreException or JournalException)
        {
            // It died.
        }

        return acknowledged;
    }

    /// <summary>Everything acknowledged is there, and at most the one append that was in doubt; goes on behind it.</summary>
    private static async Task<int> LiveOn(SimulatedDisk disk, int acknowledged, string when)
    {
        var journal = await FileJournal.Open(disk, Small);
        var texts = await journal.Texts("a");
        Assert.True(texts.Length - acknowledged is 0 or 1, $"{when}: {texts.Length} there, {acknowledged} acknowledged");
        Assert.Equal(Enumerable.Range(0, texts.Length), texts.Select(text => int.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture)));
        await journal.Append(Given.Event("a", texts.Length, $"{texts.Length} again"));
        return texts.Length + 1;
    }
}
