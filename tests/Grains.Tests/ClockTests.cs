using Microsoft.Extensions.DependencyInjection;
using OrleansConcert.Silo;
using OrleansConcert.Storage;
using OrleansConcert.Storage.Disks;

namespace OrleansConcert.Grains.Tests;

public sealed class ClockTests
{
    [Fact]
    public void The_clock_never_starts_before_the_last_journaled_instant()
    {
        var time = new ManualTime();
        var clock = new Clock(time, ManualTime.Noon + Given.Minutes(5));
        Assert.Equal(Given.Minutes(5), clock.BehindBy);
        time.Advance(Given.Seconds(1));
        Assert.Equal(Instant.From(ManualTime.Noon + Given.Seconds(301)), clock.Now);
    }

    [Fact]
    public void A_step_of_the_wall_clock_moves_nothing()
    {
        var time = new ManualTime();
        var clock = new Clock(time, DateTimeOffset.UnixEpoch);
        var before = clock.Now;
        time.StepWall(-TimeSpan.FromHours(1));
        Assert.Equal(before, clock.Now);
        time.StepWall(TimeSpan.FromHours(9));
        time.Advance(Given.Seconds(1));
        Assert.Equal(before + Given.Seconds(1), clock.Now);
        Assert.Equal(TimeSpan.Zero, clock.BehindBy);
    }

    [Fact]
    public void A_clock_that_meets_a_later_instant_goes_on_from_there_and_never_back()
    {
        var time = new ManualTime();
        var clock = new Clock(time, DateTimeOffset.UnixEpoch);
        Assert.Equal(Given.Seconds(0.3), clock.Reach(ManualTime.Noon + Given.Seconds(0.3)));
        Assert.Equal(Instant.From(ManualTime.Noon + Given.Seconds(0.3)), clock.Now);
        time.Advance(Given.Seconds(1));
        Assert.Equal(TimeSpan.Zero, clock.Reach(ManualTime.Noon + Given.Seconds(1.3)));
        Assert.Equal(TimeSpan.Zero, clock.Reach(ManualTime.Noon));
        Assert.Equal(Instant.From(ManualTime.Noon + Given.Seconds(1.3)), clock.Now);
    }

    [Fact]
    public async Task What_a_silo_ahead_decided_is_not_before_what_the_next_decides()
    {
        var disk = new MemoryDisk();
        var ahead = new ManualTime();
        ahead.StepWall(Given.Seconds(0.4));
        await using var world = await (await World.Start(disk, ahead)).WithQueue();
        var alice = await world.Buyer("alice");
        await world.DisposeAsync();

        // The journal of a silo that started before does not say so; the stream does.
        await using var next = await World.Start(disk, new ManualTime());
        Assert.Equal(Instant.From(ManualTime.Noon + Given.Seconds(0.4)), (await next.Look(alice)).IssuedAt);
        var bob = await next.Buyer("bob");
        Assert.True((await next.Look(bob)).IssuedAt >= (await next.Look(alice)).IssuedAt);
    }

    [Fact]
    public async Task Everything_that_is_given_a_time_is_given_the_clock()
    {
        var time = new ManualTime();
        var services = new ServiceCollection();
        await using var journal = await FileJournal.Open(new MemoryDisk());
        services.AddConcertGrains(journal, World.Keys, new RandomIds(), time);
        await using var provider = services.BuildServiceProvider();
        var given = provider.GetRequiredService<TimeProvider>();
        time.StepWall(TimeSpan.FromDays(1));
        time.Advance(Given.Seconds(1));
        Assert.Equal(ManualTime.Noon + Given.Seconds(1), given.GetUtcNow());
    }

    [Fact]
    public async Task A_wall_clock_set_back_moves_no_deadline_though_the_process_starts_again()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        world.Time.Pass(Given.Minutes(1));
        var held = await world.Hold(await world.Buyer("alice"), "A-1-1");
        world.Time.StepWall(-TimeSpan.FromHours(1));
        Assert.Equal(ReservationStatus.Held, await world.StatusOf(held));
        await using var next = await world.Restart();
        next.Time.Pass(Given.Minutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(ReservationStatus.Held, await next.StatusOf(held));
        next.Time.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(ReservationStatus.Expired, await next.StatusOf(held));
    }
}
