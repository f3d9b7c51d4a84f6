namespace OrleansConcert.Grains.Tests;

/// <summary>What a start does by itself, though the store answers only a little later.</summary>
public sealed class StartTests
{
    private const string Friday = WireNames.ScheduleStreams + "friday";
    private const string Main = WireNames.QueueStreams + WireNames.MainQueue;
    private static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task What_could_not_be_woken_at_the_start_is_woken_as_soon_as_it_can_be_read()
    {
        await using var world = await OnSale();
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        world.Journal.DieAfter(1, WireNames.ScheduleStreams);
        await Assert.ThrowsAsync<UnavailableException>(() => world.Pay(held));
        await using var next = await world.RestartWithout(Friday);
        next.Journal.Lost = null;
        await next.Within(FiveSeconds, async () => (await next.Whats(Friday)).Contains("PaymentSettled"));
    }

    [Fact]
    public async Task Tokens_that_could_not_be_told_of_their_holds_at_the_start_are_told_later()
    {
        await using var world = await OnSale();
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        var held = new[] { await world.Hold(alice, "A-1-1"), await world.Hold(bob, "A-1-2") };
        await using var next = await world.RestartWithout(Main);
        await World.Until(() => next.Lines.With(Friday + ": left for later").Count() == 2);
        next.Journal.Lost = null;
        next.Time.Advance(Given.Seconds(1));
        await next.Token(alice.Ticket).Leave("alice");
        await next.Token(bob.Ticket).Leave("bob");
        Assert.Equal(ReservationStatus.Cancelled, await next.StatusOf(held[0]));
        Assert.Equal(ReservationStatus.Cancelled, await next.StatusOf(held[1]));
    }

    private static async Task<World> OnSale() => await (await (await World.Start()).WithQueue()).WithSchedule();
}
