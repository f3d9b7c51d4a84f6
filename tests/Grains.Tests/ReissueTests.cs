namespace OrleansConcert.Grains.Tests;

/// <summary>Joining again, and what must be so although memory is lost in between.</summary>
public sealed class ReissueTests
{
    private const string Main = WireNames.QueueStreams + WireNames.MainQueue;

    [Fact]
    public async Task The_end_of_a_place_and_the_new_one_are_one_write()
    {
        await using var world = await (await World.Start()).WithQueue(Requeues);
        await world.Buyer("alice");
        world.Journal.Next(Main, Fate.FailBefore);
        await Assert.ThrowsAsync<UnavailableException>(() => world.Main.Join("alice", null));
        var again = await world.Buyer("alice");
        Assert.Equal(2, again.Ticket);
        Assert.Equal(["Joined", "Admitted", "Ended", "Joined", "Admitted"], (await world.Whats(Main))[^5..]);
    }

    [Fact]
    public async Task A_live_hold_forbids_a_rejoin_after_a_restart_too()
    {
        await using var world = await (await World.Start()).WithQueue(Requeues);
        var alice = await (await world.WithSchedule()).Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        await using var next = await world.Restart();
        await HasLiveHold(next, "alice");
        await next.Cluster.DeactivateAsync(next.Main);
        await HasLiveHold(next, "alice");
        await next.Schedule().Release(held.ReservationId, "alice");
        Assert.Equal(201, (await next.Main.Join("alice", null)).Status);
    }

    [Fact]
    public async Task A_hold_that_the_queue_has_forgotten_is_not_lost_when_its_policy_becomes_REQUEUE()
    {
        await using var world = await (await World.Start()).WithQueue();
        var alice = await (await world.WithSchedule()).Buyer("alice");
        await world.Hold(alice, "A-1-1");
        await world.Cluster.DeactivateAsync(world.Main);
        var bob = await world.Buyer("bob");
        await world.WithQueue(Requeues);
        await HasLiveHold(world, "alice");
        Assert.Equal(201, (await world.Main.Join(bob.UserId, null)).Status);
    }

    [Fact]
    public async Task Who_gives_the_holds_up_gets_a_place_and_others_the_seats()
    {
        await using var world = await (await World.Start()).WithQueue(Requeues);
        var (alice, bob) = (await (await world.WithSchedule()).Buyer("alice"), await world.Buyer("bob"));
        var held = await world.Hold(alice, "A-1-1");
        Assert.Equal(201, (await world.Token(alice.Ticket).Rejoin("alice", null)).Status);
        Assert.NotNull((await world.TryHold(bob, "A-1-1")).Value);
        Assert.Equal(ReservationStatus.Cancelled, await world.StatusOf(held));
    }

    [Theory]
    [InlineData(Reissue.ReturnExisting, 200)]
    [InlineData(Reissue.RotateInPlace, 201)]
    public async Task Where_the_place_stays_its_holds_stay_though_they_were_given_up(Reissue reissue, int status)
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { Reissue = reissue });
        var alice = await (await world.WithSchedule()).Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        Assert.Equal(status, (await world.Token(alice.Ticket).Rejoin("alice", null)).Status);
        await world.Schedule().Get();
        Assert.Equal(ReservationStatus.Held, await world.StatusOf(held));
    }

    [Fact]
    public async Task A_payment_in_flight_ends_DONE_a_place_that_was_given_up_meanwhile()
    {
        await using var world = await (await World.Start()).WithQueue(Requeues);
        var alice = await (await world.WithSchedule()).Buyer("alice", 10_000);
        var held = await world.Hold(alice, "A-1-1");
        world.Journal.HoldBack(WireNames.WalletStreams + "alice");
        var payment = world.Pay(held);
        await World.Until(() => world.Journal.Caught == 1);
        Assert.Equal(201, (await world.Token(alice.Ticket).Rejoin("alice", null)).Status);
        world.Journal.Release();
        Assert.NotNull((await payment).Value);
        await World.Until(async () => (await world.Look(alice)).Status == TokenStatus.Done);
    }

    [Fact]
    public async Task A_replaced_token_is_known_as_such_after_a_restart_and_for_a_day()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { Reissue = Reissue.RotateInPlace });
        var old = await world.Buyer("alice");
        var present = await world.Buyer("alice");
        var at = world.Now;
        await using var next = await world.Restart();
        next.Time.Advance(TimeSpan.FromHours(23));
        var view = await next.Look(old);
        Assert.Equal((TokenStatus.Expired, EndReason.Rotated, at), (view.Status, view.Reason, view.EndedAt));
        Assert.Equal((old.Ticket, TokenStatus.Active), (present.Ticket, (await next.Look(present)).Status));
        next.Time.Advance(TimeSpan.FromHours(1));
        Assert.Null(await next.Main.Look(old.Ticket, old.Nonce));
    }

    private static QueuePolicy Requeues(QueuePolicy policy) => policy with { Reissue = Reissue.Requeue };

    private static async Task HasLiveHold(World world, string userId) => Assert.Equal(
        QueueRefusal.HasLiveHold, ((QueueRefused)(await world.Main.Join(userId, null)).Refused!).Reason);
}
