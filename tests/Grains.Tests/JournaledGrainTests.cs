namespace OrleansConcert.Grains.Tests;

public sealed class JournaledGrainTests
{
    private const string Alice = WireNames.WalletStreams + "alice";

    [Fact]
    public async Task Nothing_is_answered_before_it_is_durable()
    {
        await using var world = await World.Start();
        world.Journal.HoldBack(Alice);
        var charged = world.Wallet("alice").Charge(500, null);
        await World.Until(() => world.Journal.To(Alice).Length == 1);
        var seen = world.Wallet("alice").Get();
        await world.Wallet("bob").Charge(1, null);
        Assert.False(charged.IsCompleted);
        Assert.False(seen.IsCompleted);
        world.Journal.Release();
        Assert.Equal(500, (await charged).Value!.Balance);
        Assert.Equal(500, (await seen).Balance);
    }

    [Fact]
    public async Task A_refusal_waits_for_the_pending_change_that_it_shows()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        world.Journal.HoldBack("schedule/friday");
        var held = world.TryHold(alice, "A-1-1");
        await World.Until(() => world.Journal.To("schedule/friday").Length == 2);
        var sameSeat = world.TryHold(bob, "A-1-1");
        var noSeat = await world.TryHold(bob, "A-9-9");
        Assert.Equal(SeatRefusal.SeatNotFound, noSeat.Reason());
        Assert.False(held.IsCompleted);
        Assert.False(sameSeat.IsCompleted);
        world.Journal.Release();
        Assert.NotNull((await held).Value);
        Assert.Equal(SeatRefusal.SeatsTaken, (await sameSeat).Reason());
    }
}
