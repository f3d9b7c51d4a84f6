using Xunit.Abstractions;

namespace OrleansConcert.Simulation;

/// <summary>
/// Payments begun within 50 ms of the deadline of what they pay for, among timers, slow disks, kills and power cuts. <c>RACES</c> says
/// how many, <c>SEED</c> from which seed on.
/// </summary>
public sealed class RaceTests(ITestOutputHelper output)
{
    private const int AtOnce = 25;
    private static readonly int Races = SeedTests.From("RACES", 20_000);
    private static readonly int First = SeedTests.From("SEED", 1);

    [Fact]
    public void A_payment_at_the_deadline_sells_and_debits_once_or_is_refused_and_takes_nothing()
    {
        var (sold, refused) = (0, 0);
        for (var seed = First; sold + refused < Races; seed++)
        {
            using var world = new World(seed, int.MaxValue)
            {
                Opening = Policies.Open with { ActiveTtl = TimeSpan.FromMinutes(5) },
                Policy = Preset.Standard.Sale with { HoldTtl = TimeSpan.FromSeconds(2), MaxSeatsPerUser = null },
                Sections = [new("A", 1, AtOnce, 10_000)],
                Schedules = ["friday"],
            };
            var races = Enumerable.Range(0, AtOnce).Select(number => new Race(world, number)).ToArray();
            world.Play(async () =>
            {
                var over = Task.WhenAll(races.Select(race => race.Run()));
                await Task.WhenAll(over, world.Misfortune.Harass(over));
                await world.Delay(TimeSpan.FromSeconds(150));
                world.CheckWhole();
                Array.ForEach(races, race => race.Check());
            });
            sold += races.Count(race => race.IsSold);
            refused += races.Count(race => !race.IsSold);
        }

        output.WriteLine($"{sold + refused} races: {sold} sold, {refused} refused");
        Assert.True(sold > Races / 10 && refused > Races / 10, $"{sold} sold and {refused} refused are no race.");
    }
}
