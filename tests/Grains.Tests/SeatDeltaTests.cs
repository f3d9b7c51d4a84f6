namespace OrleansConcert.Grains.Tests;

public class SeatDeltaTests
{
    private const int Seats = 30;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_changed_since_any_version_makes_that_map_the_present_one(int seed)
    {
        var random = new Random(seed);
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule(policy: policy => policy with { HoldTtl = Given.Seconds(20), TokenPerPayment = false });
        var buyer = await world.Buyer("alice", 1_000_000);
        var holds = new List<ReservationView>();
        var seen = new SortedDictionary<long, SeatStatus[]>();
        for (var step = 1; step <= 150; step++)
        {
            await Change(world, buyer, holds, random);
            var now = (await world.Schedule().Map(-1))!;
            Assert.True(now.IsWhole && now.Statuses.Length == Seats);
            SeatStatus[] present = [.. now.Statuses.Select(status => (SeatStatus)status)];
            Assert.True(!seen.TryGetValue(now.Version, out var same) || same.SequenceEqual(present), $"seed {seed}, step {step}");
            seen[now.Version] = present;
            foreach (var (version, map) in seen)
            {
                var changed = await world.Schedule().Map(version);
                Assert.True(changed is { IsWhole: false } || version == now.Version, $"seed {seed}, step {step}: {version} is forgotten");
                SeatStatus[] folded = [.. map];
                foreach (var change in changed?.Changes ?? [])
                {
                    Assert.InRange(change.Version, version + 1, now.Version);
                    folded[change.Seat] = change.Status;
                }

                Assert.True(folded.SequenceEqual(present), $"seed {seed}, step {step}: from {version} to {now.Version}");
            }
        }

        Assert.True(seen.Count > 50, $"seed {seed}: {seen.Count} versions only");
    }

    private static async Task Change(World world, Buyer buyer, List<ReservationView> holds, Random random)
    {
        var any = holds.Count > 0 ? holds[random.Next(holds.Count)] : null;
        switch (random.Next(8))
        {
            case < 4 when (await world.TryHold(buyer, $"A-{random.Next(1, 4)}-{random.Next(1, 11)}")).Value is { } held:
                holds.Add(held);
                break;
            case 4 when any is not null:
                await world.Schedule().Release(any.ReservationId, buyer.UserId);
                break;
            case 5 when any is not null:
                if ((await world.Pay(any)).Value is { } paid && random.Next(2) == 0)
                {
                    await world.Schedule().Refund(new(paid.PaymentId, "admin", "test"), null);
                }

                break;
            case 6:
                world.Time.Pass(Given.Seconds(random.Next(1, 15)));
                break;
        }
    }
}
