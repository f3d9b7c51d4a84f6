namespace OrleansConcert.Grains.Tests;

public sealed class QueueTests
{
    private const string Main = WireNames.QueueStreams + WireNames.MainQueue;

    [Fact]
    public async Task The_main_queue_is_there_from_the_start()
    {
        await using var world = await World.Start();
        Assert.Equal(Preset.Standard.Queue, (await world.Main.Get()).Value!.Policy);
        var refused = (QueueRefused)(await world.Queue("other").Get()).Refused!;
        Assert.Equal(QueueRefusal.QueueNotFound, refused.Reason);
    }

    [Fact]
    public async Task Who_joins_again_has_the_same_place()
    {
        await using var world = await (await World.Start()).WithQueue();
        var first = await world.Main.Join("alice", null);
        var second = await world.Main.Join("alice", null);
        Assert.Equal((201, 200), (first.Status, second.Status));
        Assert.Equal(first.Value!.Token, second.Value!.Token);
    }

    [Fact]
    public async Task Who_joins_after_an_end_has_a_new_place()
    {
        await using var world = await (await World.Start()).WithQueue();
        var alice = await world.Buyer("alice");
        await world.Token(alice.Ticket).Leave("alice");
        Assert.Equal(TokenStatus.Cancelled, (await world.Look(alice)).Status);
        var again = await world.Main.Join("alice", null);
        Assert.Equal(201, again.Status);
        Assert.Equal(alice.Ticket + 1, QueueToken.Verify(World.Keys, again.Value!.Token)!.Ticket);
    }

    [Fact]
    public async Task Positions_are_exact_when_others_leave_ahead()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        var buyers = new List<Buyer>();
        foreach (var user in new[] { "a", "b", "c", "d", "e" })
        {
            buyers.Add(await world.Buyer(user));
        }

        Assert.Equal("0, 1, 2, 3, 4", await Positions(world, buyers));
        await world.Token(buyers[2].Ticket).Leave("c");
        buyers.RemoveAt(2);
        Assert.Equal("0, 1, 2, 3", await Positions(world, buyers));
        Assert.Equal(4, (await world.Main.Join("f", null)).Value!.Position);
    }

    [Fact]
    public async Task A_place_that_is_freed_is_filled_from_the_front_at_once()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        var (alice, bob, carol) = (await world.Buyer("alice"), await world.Buyer("bob"), await world.Buyer("carol"));
        await world.Main.Leave(alice.Ticket);
        Assert.Equal(TokenStatus.Active, (await world.Look(bob)).Status);
        Assert.Equal(1, (await world.Look(carol)).Position);
    }

    [Fact]
    public async Task A_window_admits_its_number_and_a_poll_of_the_next_finds_it_done()
    {
        await using var world = await (await World.Start()).WithQueue(
            policy => policy with { AdmitCount = 2, AdmitEvery = Given.Seconds(10) });
        var (_, _, carol) = (await world.Buyer("alice"), await world.Buyer("bob"), await world.Buyer("carol"));
        world.Time.Pass(Given.Seconds(9.999));
        Assert.Equal(TokenStatus.Waiting, (await world.Look(carol)).Status);
        world.Time.Pass(Given.Seconds(0.001));
        Assert.Equal(TokenStatus.Active, (await world.Look(carol)).Status);
    }

    [Fact]
    public async Task Without_admission_on_poll_the_timer_admits_at_the_boundary_and_nothing_else_does()
    {
        await using var world = await (await World.Start()).WithQueue(
            policy => policy with { AdmitCount = 2, AdmitEvery = Given.Seconds(10), AdmitOnPoll = false });
        var (alice, _, carol) = (await world.Buyer("alice"), await world.Buyer("bob"), await world.Buyer("carol"));
        Assert.Equal(TokenStatus.Waiting, (await world.Look(alice)).Status);
        world.Time.Advance(Given.Seconds(10));
        await World.Until(() => world.Journal.To(Main).Any(append => TextOf(append).Contains("Admitted", StringComparison.Ordinal)));
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
        Assert.Equal(TokenStatus.Waiting, (await world.Look(carol)).Status);
    }

    [Fact]
    public async Task A_token_ends_exactly_at_its_instant_though_no_timer_fired()
    {
        await using var world = await (await World.Start()).WithQueue(
            policy => policy with { ActiveTtl = Given.Seconds(60), ActiveIdleTimeout = null });
        var alice = await world.Buyer("alice");
        world.Time.Pass(Given.Seconds(59.999));
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
        world.Time.Pass(Given.Seconds(0.001));
        var ended = await world.Look(alice);
        Assert.Equal((TokenStatus.Expired, EndReason.Ttl), (ended.Status, ended.Reason));
    }

    [Fact]
    public async Task A_poll_finds_its_token_ended_exactly_at_its_instant_however_many_end_before_it()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = Given.Seconds(60) });
        for (var user = 1; user <= Endings.AtOnce; user++)
        {
            await world.Buyer($"user-{user}");
        }

        var last = await world.Buyer("last");
        world.Time.Pass(Given.Seconds(60));
        var ended = await world.Look(last);
        Assert.Equal((TokenStatus.Expired, EndReason.Ttl), (ended.Status, ended.Reason));
    }

    [Fact]
    public async Task A_timer_ends_a_token_that_nobody_asks_for()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = Given.Seconds(60) });
        await world.Buyer("alice");
        world.Time.Advance(Given.Seconds(60));
        await World.Until(async () => (await world.Whats(Main)).Contains("Ended"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public async Task An_idle_token_ends_exactly_at_its_instant_though_no_timer_fired(int? maxActive)
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with
        {
            MaxActive = maxActive,
            ActiveIdleTimeout = maxActive is null ? Given.Seconds(10) : null,
            WaitingIdleTimeout = Given.Seconds(10),
        });
        await world.Buyer("alice");
        var bob = await world.Buyer("bob");
        world.Time.Pass(Given.Seconds(9.999));
        var before = (await world.Main.Get()).Value!.Figures;
        Assert.Equal(2, before.Active + before.Waiting);
        world.Time.Pass(Given.Seconds(0.001));
        Assert.Equal(maxActive is null ? 2 : 1, (await world.Main.Get()).Value!.Figures.ExpiredTotal);
        Assert.Equal(EndReason.Idle, (await world.Look(bob)).Reason);
    }

    [Fact]
    public async Task A_call_revives_a_token_whose_idle_end_nobody_has_noticed()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveIdleTimeout = Given.Seconds(10) });
        var alice = await world.Buyer("alice");
        world.Time.Pass(Given.Seconds(11));
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
    }

    [Fact]
    public async Task A_live_hold_carries_its_token_beyond_its_time_and_ends_with_it()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = Given.Seconds(60) });
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        world.Time.Advance(Given.Seconds(299.999));
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
        Assert.Equal(ReservationStatus.Held, await world.StatusOf(held));
        var refused = Assert.IsType<QueueRefused>((await world.TryHold(alice, "A-1-2")).Refused);
        Assert.Equal(QueueRefusal.TokenEnded, refused.Reason);
        world.Time.Advance(Given.Seconds(0.001));
        await World.Until(async () => (await world.Look(alice)).Status == TokenStatus.Expired);
        Assert.Equal(EndReason.Ttl, (await world.Look(alice)).Reason);
    }

    [Fact]
    public async Task A_token_past_its_time_ends_when_its_hold_is_given_back()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = Given.Seconds(60) });
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        world.Time.Pass(Given.Seconds(100));
        await world.Schedule().Release(held.ReservationId, "alice");
        await World.Until(async () => (await world.Look(alice)).Status == TokenStatus.Expired);
    }

    [Fact]
    public async Task A_token_whose_grain_has_forgotten_a_hold_does_not_end_before_it()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = Given.Seconds(60) });
        await (await world.WithSchedule()).WithSchedule("saturday");
        var alice = await world.Buyer("alice");
        await world.Hold(alice, "A-1-1");
        await world.Cluster.DeactivateAsync(world.Token(alice.Ticket));
        var other = (await world.Schedule("saturday").Hold(Given.Seats(alice, "A-1-1"), null)).Value!;
        world.Time.Pass(Given.Seconds(61));
        await world.Schedule("saturday").Release(other.ReservationId, "alice");
        await World.Until(async () => (await world.Whats(WireNames.ScheduleStreams + "saturday")).Contains("HoldReleased"));
        await world.Token(alice.Ticket).HoldsEnded("saturday", 0);
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
    }

    [Fact]
    public async Task A_pin_survives_a_restart()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = Given.Seconds(60) });
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        await using var next = await world.Restart();
        next.Time.Advance(Given.Seconds(100));
        Assert.Equal(TokenStatus.Active, (await next.Look(alice)).Status);
        await next.Schedule().Release(held.ReservationId, "alice");
        await World.Until(async () => (await next.Look(alice)).Status == TokenStatus.Expired);
    }

    [Fact]
    public async Task Who_leaves_gives_back_the_holds_in_every_schedule()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        await world.WithSchedule("saturday");
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        await world.Hold(alice, "A-1-1");
        await world.Schedule("saturday").Hold(Given.Seats(alice, "A-1-1"), null);
        Assert.Equal(TokenStatus.Cancelled, (await world.Token(alice.Ticket).Leave("alice")).Value!.Status);
        Assert.NotNull((await world.TryHold(bob, "A-1-1")).Value);
        Assert.NotNull((await world.Schedule("saturday").Hold(Given.Seats(bob, "A-1-1"), null)).Value);
    }

    [Fact]
    public async Task Who_leaves_a_schedule_that_is_about_to_end_and_waits_for_that_very_token_is_answered()
    {
        await using var world = await (await (await World.Start()).WithQueue()).WithSchedule();
        var alice = await world.Buyer("alice");
        await world.Hold(alice, "A-1-1");
        world.Journal.HoldBack(WireNames.QueueStreams + WireNames.MainQueue);
        var leaving = world.Token(alice.Ticket).Leave("alice");
        await World.Until(() => world.Journal.Caught > 0);
        var holding = world.TryHold(alice, "A-1-2");
        var ending = world.Cluster.DeactivateAsync(world.Schedule());
        world.Journal.Release();
        await World.Until(() => leaving.IsCompleted && holding.IsCompleted);
        Assert.NotNull((await leaving).Value);
        Assert.NotNull((await holding).Refused);
        await ending;
    }

    [Fact]
    public async Task What_could_not_be_given_back_at_a_leave_is_given_back_when_the_schedule_is_loaded_again()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        await world.Hold(alice, "A-1-1");
        world.Journal.Next("schedule/friday", Fate.FailBefore);
        Assert.NotNull((await world.Token(alice.Ticket).Leave("alice")).Value);
        await world.Within(Given.Seconds(5), async () => (await world.TryHold(bob, "A-1-1")).Value is not null);
        var again = Assert.IsType<QueueRefused>((await world.Token(alice.Ticket).Leave("alice")).Refused);
        Assert.Equal(QueueRefusal.TokenEnded, again.Reason);
    }

    [Fact]
    public async Task A_paused_queue_admits_nobody_until_it_resumes()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.Main.SetMode(QueueMode.Paused, null);
        var alice = await world.Buyer("alice");
        world.Time.Advance(Given.Minutes(1));
        var waiting = await world.Look(alice);
        Assert.Equal((TokenStatus.Waiting, null), (waiting.Status, waiting.EstimatedWaitMs));
        await world.Main.SetMode(QueueMode.Open, null);
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
    }

    [Fact]
    public async Task A_restart_does_not_lengthen_a_wait()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });

        // The pace of the policy before is shown no more.
        world.Time.Pass(Given.Minutes(60));
        var buyers = new List<Buyer>();
        for (var user = 0; user < 40; user++)
        {
            buyers.Add(await world.Buyer($"user{user}"));
        }

        foreach (var served in buyers.Take(20))
        {
            world.Time.Pass(Given.Seconds(2));
            await world.Main.Leave(served.Ticket);
        }

        var before = (await world.Look(buyers[^1])).EstimatedWaitMs;
        world.Time.Pass(Given.Minutes(1));
        await using var next = await world.Restart();
        Assert.InRange(before!.Value, 19 * 2_000, long.MaxValue);
        Assert.Equal(before, (await next.Look(buyers[^1])).EstimatedWaitMs);
    }

    [Fact]
    public async Task A_draining_queue_takes_nobody_new_and_admits_who_waits()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        await world.Main.SetMode(QueueMode.Draining, null);
        Assert.Equal(QueueRefusal.QueueClosed, ((QueueRefused)(await world.Main.Join("carol", null)).Refused!).Reason);
        Assert.Equal(200, (await world.Main.Join("bob", null)).Status);
        await world.Main.Leave(alice.Ticket);
        Assert.Equal(TokenStatus.Active, (await world.Look(bob)).Status);
    }

    [Fact]
    public async Task Another_policy_is_live_at_once()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        await world.Buyer("alice");
        var bob = await world.Buyer("bob");
        Assert.Equal(TokenStatus.Waiting, (await world.Look(bob)).Status);
        await world.WithQueue(policy => policy with { MaxActive = 2 });
        Assert.Equal(TokenStatus.Active, (await world.Look(bob)).Status);
    }

    [Fact]
    public async Task A_poll_with_another_nonce_or_ticket_knows_no_token()
    {
        await using var world = await (await World.Start()).WithQueue();
        var alice = await world.Buyer("alice");
        Assert.Null(await world.Main.Look(alice.Ticket, alice.Nonce + 1));
        Assert.Null(await world.Main.Look(alice.Ticket + 1, alice.Nonce));
    }

    [Fact]
    public async Task An_order_survives_a_restart()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        var buyers = new List<Buyer>();
        foreach (var user in new[] { "a", "b", "c" })
        {
            buyers.Add(await world.Buyer(user));
        }

        await using var next = await world.Restart();
        Assert.Equal("0, 1, 2", await Positions(next, buyers));
    }

    private static async Task<string> Positions(World world, IEnumerable<Buyer> buyers) =>
        string.Join(", ", await Task.WhenAll(buyers.Select(async buyer => (await world.Look(buyer)).Position)));

    private static string TextOf(Append append) =>
        string.Concat(append.Events.Select(text => Encoding.UTF8.GetString(text.Span)));
}
