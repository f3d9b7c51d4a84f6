using Microsoft.Extensions.Logging;

namespace OrleansConcert.Grains.Tests;

public sealed class SweepTests
{
    [Fact]
    public async Task A_sweep_that_lapsed_holds_logs_one_line()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        await world.Hold(alice, "A-1-1");
        await world.Hold(alice, "A-1-2");
        world.Time.Pass(Given.Seconds(302));
        world.Time.Advance(TimeSpan.Zero);
        await World.Until(() => world.Lines.With("holds lapsed").Any());
        var line = Assert.Single(world.Lines.With("holds lapsed"));
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Equal("schedule/friday: 2 holds lapsed, the oldest 2000 ms ago; durable after 0 ms", line.Text);
    }

    [Fact]
    public async Task A_sweep_that_ended_tokens_logs_one_line_also_where_a_call_came_first()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = Given.Seconds(60) });
        await world.Buyer("alice");
        await world.Buyer("bob");
        world.Time.Pass(Given.Seconds(61));
        Assert.Equal(2, (await world.Main.Get()).Value!.Figures.ExpiredTotal);
        await world.Main.Get();
        var line = Assert.Single(world.Lines.With("tokens ended"));
        Assert.Equal("queue/main: 2 tokens ended, the oldest 1000 ms ago; durable after 0 ms", line.Text);
    }

    [Fact]
    public async Task A_sweep_that_ended_nothing_logs_nothing()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.Buyer("alice");
        world.Time.Advance(Given.Minutes(1));
        await world.Main.Get();
        Assert.Empty(world.Lines.With("ended"));
    }

    [Theory]
    [InlineData("schedule/friday")]
    [InlineData("queue/main")]
    public async Task A_sweep_that_failed_logs_an_error_and_is_done_by_the_next_call(string stream)
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = Given.Seconds(302) });
        await world.WithSchedule();
        await world.Hold(await world.Buyer("alice"), "A-1-1");
        world.Journal.Next(stream, Fate.FailBefore);
        world.Time.Advance(Given.Seconds(302));
        await World.Until(() => world.Lines.With("could not be done").Any());
        Assert.All(world.Lines.With("could not be done"), line => Assert.Equal(LogLevel.Error, line.Level));
        Assert.Equal(30, (await world.Schedule().Get()).Value!.SeatsAvailable);
        await World.Until(async () => (await world.Main.Get()).Value!.Figures.Active == 0);
    }
}
