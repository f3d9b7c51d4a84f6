namespace OrleansConcert.Grains.Tests;

public sealed class ScheduleTests
{
    [Fact]
    public async Task A_hold_without_a_permit_still_writes_the_lapses_it_found()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        var held = await world.Hold(alice, "A-1-1");
        await world.Token(bob.Ticket).Leave("bob");
        world.Time.Pass(held.ExpiresAt - world.Now);
        Assert.NotNull((await world.TryHold(bob, "A-1-1")).Refused);
        Assert.Contains("HoldLapsed", await world.Whats(WireNames.ScheduleStreams + "friday"));
    }

    [Fact]
    public async Task One_seat_and_two_hundred_buyers_make_one_hold()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var buyers = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => world.Buyer($"user{number}")));
        var answers = await Task.WhenAll(buyers.Select(buyer => world.TryHold(buyer, "A-1-1")));
        Assert.Single(answers, answer => answer.Value is not null);
        Assert.Equal(199, answers.Count(answer => answer.Refused is SeatRefused { Reason: SeatRefusal.SeatsTaken }));
    }

    [Fact]
    public async Task Overlapping_holds_of_several_seats_are_whole_or_nothing()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var random = new Random(7);
        var buyers = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => world.Buyer($"user{number}")));
        var asked = buyers.Select(buyer => (buyer, Seats: Enumerable.Range(0, random.Next(2, 5))
            .Select(_ => $"A-{random.Next(1, 4)}-{random.Next(1, 11)}").Distinct().ToArray())).ToArray();
        var answers = await Task.WhenAll(asked.Select(one => world.TryHold(one.buyer, one.Seats)));
        var taken = new HashSet<string>();
        foreach (var (answer, (_, seats)) in answers.Zip(asked))
        {
            if (answer.Value is { } held)
            {
                Assert.Equal(seats, held.Seats.Select(seat => seat.SeatId));
                Assert.All(seats, seat => Assert.True(taken.Add(seat), $"{seat} was given twice."));
            }
        }

        Assert.Equal(30 - taken.Count, (await world.Schedule().Get()).Value!.SeatsAvailable);
        Assert.All(answers.Zip(asked).Where(one => one.First.Refused is not null), one =>
            Assert.Contains(one.Second.Seats, taken.Contains));
    }

    [Fact]
    public async Task A_seat_is_free_again_at_the_very_instant_its_hold_ends_though_no_timer_fired()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        var held = await world.Hold(alice, "A-1-1");
        Assert.Equal(world.Now + Given.Minutes(5), held.ExpiresAt);
        world.Time.Pass(held.ExpiresAt - world.Now - TimeSpan.FromMilliseconds(1));
        Assert.Equal(SeatRefusal.SeatsTaken, (await world.TryHold(bob, "A-1-1")).Reason());
        world.Time.Pass(TimeSpan.FromMilliseconds(1));
        Assert.NotNull((await world.TryHold(bob, "A-1-1")).Value);
        Assert.Equal(ReservationStatus.Expired, await world.StatusOf(held));
    }

    [Fact]
    public async Task A_timer_frees_the_seat_that_nobody_asks_for()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        await world.Hold(await world.Buyer("alice"), "A-1-1");
        world.Time.Advance(Given.Minutes(5));
        await World.Until(async () => (await world.Whats("schedule/friday")).Contains("HoldLapsed"));
    }

    [Fact]
    public async Task A_schedule_that_had_to_drop_its_memory_frees_its_seats_in_time_though_nobody_asks()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule(policy: policy => policy with { HoldTtl = Given.Seconds(10) });
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        var held = await world.Hold(alice, "A-1-1");
        world.Journal.Next(WireNames.ScheduleStreams + "friday", Fate.FailBefore);
        await Assert.ThrowsAsync<UnavailableException>(() => world.TryHold(bob, "A-1-2"));
        await world.Within(held.ExpiresAt - world.Now + Given.Seconds(2), async () =>
            (await world.Whats(WireNames.ScheduleStreams + "friday")).Contains("HoldLapsed"));
    }

    [Fact]
    public async Task A_schedule_that_drops_its_memory_just_before_a_deadline_is_not_late()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule(policy: policy => policy with { HoldTtl = Given.Seconds(10) });
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        var held = await world.Hold(alice, "A-1-1");
        world.Time.Advance(held.ExpiresAt - world.Now - TimeSpan.FromMilliseconds(100));
        world.Journal.Next(WireNames.ScheduleStreams + "friday", Fate.FailBefore);
        await Assert.ThrowsAsync<UnavailableException>(() => world.TryHold(bob, "A-1-2"));
        await world.Within(TimeSpan.FromMilliseconds(200), async () =>
            (await world.Whats(WireNames.ScheduleStreams + "friday")).Contains("HoldLapsed"));
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_woken_keeps_no_other_from_it()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule("friday", policy => policy with { HoldTtl = Given.Seconds(10) });
        await world.WithSchedule("saturday", policy => policy with { HoldTtl = Given.Seconds(10) });
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        await world.Schedule("saturday").Hold(Given.Seats(alice, ["A-1-1"]), null);
        world.Journal.Lost = WireNames.ScheduleStreams + "friday";
        world.Journal.Next(WireNames.ScheduleStreams + "friday", Fate.FailBefore);
        await Assert.ThrowsAsync<UnavailableException>(() => world.TryHold(bob, "A-1-2"));
        await world.Within(Given.Seconds(3), () => Task.FromResult(world.Lines.With("could not be woken").Any()));
        world.Journal.Next(WireNames.ScheduleStreams + "saturday", Fate.FailBefore);
        await Assert.ThrowsAsync<UnavailableException>(() => world.Schedule("saturday").Hold(Given.Seats(bob, ["A-1-2"]), null));
        await world.Within(Given.Seconds(13), async () =>
            (await world.Whats(WireNames.ScheduleStreams + "saturday")).Contains("HoldLapsed"));
    }

    [Fact]
    public async Task The_best_seats_are_adjacent_ones_in_the_front_and_the_middle()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        var held = await world.Schedule().Hold(Given.Best(alice, 4), null);
        Assert.Equal(["A-1-4", "A-1-5", "A-1-6", "A-1-7"], held.Value!.Seats.Select(seat => seat.SeatId));
        var next = await world.Schedule().Hold(Given.Best(alice, 4), null);
        Assert.Equal("A-2-4", next.Value!.Seats[0].SeatId);
        Assert.Equal(SeatRefusal.SeatNotFound, (await world.Schedule().Hold(Given.Best(alice, 1, "B"), null)).Reason());
    }

    [Fact]
    public async Task Too_few_free_seats_are_not_enough()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule(sections: new Section("A", 1, 3, 1_000));
        var alice = await world.Buyer("alice");
        await world.Hold(alice, "A-1-1");
        Assert.Equal(SeatRefusal.NotEnoughSeats, (await world.Schedule().Hold(Given.Best(alice, 3), null)).Reason());
    }

    [Fact]
    public async Task Limits_are_kept()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule(policy: policy => policy with { MaxSeatsPerHold = 2, MaxSeatsPerUser = 3 });
        var alice = await world.Buyer("alice");
        Assert.Equal(SeatRefusal.LimitExceeded, (await world.TryHold(alice, "A-1-1", "A-1-2", "A-1-3")).Reason());
        await world.Hold(alice, "A-1-1", "A-1-2");
        Assert.Equal(SeatRefusal.LimitExceeded, (await world.TryHold(alice, "A-1-3", "A-1-4")).Reason());
        Assert.NotNull((await world.TryHold(alice, "A-1-3")).Value);
    }

    [Fact]
    public async Task Nothing_is_held_outside_the_sales_window()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveTtl = TimeSpan.FromHours(24) });
        await world.WithSchedule();
        world.Time.Pass(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        var alice = await world.Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        world.Time.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(SeatRefusal.SalesClosed, (await world.TryHold(alice, "A-1-2")).Reason());
        Assert.NotNull((await world.Schedule().Confirm(held.ReservationId, "alice", null)).Value);
    }

    [Fact]
    public async Task A_released_seat_is_free_and_releasing_again_says_the_same()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        var held = await world.Hold(alice, "A-1-1");
        Assert.Equal(SeatRefusal.NotOwner, (await world.Schedule().Release(held.ReservationId, "bob")).Reason());
        Assert.Equal(ReservationStatus.Cancelled, (await world.Schedule().Release(held.ReservationId, "alice")).Value!.Status);
        Assert.Equal(ReservationStatus.Cancelled, (await world.Schedule().Release(held.ReservationId, "alice")).Value!.Status);
        Assert.NotNull((await world.TryHold(bob, "A-1-1")).Value);
    }

    [Fact]
    public async Task A_confirmed_hold_keeps_its_deadline()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var held = await world.Hold(await world.Buyer("alice"), "A-1-1");
        world.Time.Pass(Given.Seconds(10));
        var confirmed = (await world.Schedule().Confirm(held.ReservationId, "alice", null)).Value!;
        Assert.Equal((ReservationStatus.Reserved, held.ExpiresAt), (confirmed.Status, confirmed.ExpiresAt));
        world.Time.Pass(held.ExpiresAt - world.Now);
        Assert.Equal(SeatRefusal.HoldExpired, (await world.Schedule().Confirm(held.ReservationId, "alice", null)).Reason());
    }

    [Fact]
    public async Task The_map_has_a_version_and_its_instant_and_is_not_sent_twice()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        var first = (await world.Schedule().Map(0))!;
        Assert.Null(await world.Schedule().Map(first.Version));
        world.Time.Pass(Given.Seconds(3));
        var held = await world.Hold(alice, "A-1-1");
        var second = (await world.Schedule().Map(first.Version))!;
        Assert.True(second.Version > first.Version);
        Assert.Equal(held.HeldAt, second.AsOf);
        Assert.Equal(new SeatChange(0, SeatStatus.Held, second.Version), Assert.Single(second.Changes));
        await world.Schedule().Confirm(held.ReservationId, "alice", null);
        Assert.Null(await world.Schedule().Map(second.Version));
        world.Time.Pass(Given.Minutes(5));
        Assert.Equal(SeatStatus.Available, Assert.Single((await world.Schedule().Map(second.Version))!.Changes).Status);
    }

    [Fact]
    public async Task The_map_shows_durable_seats_only()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        var known = (await world.Schedule().Map(0))!.Version;
        world.Journal.HoldBack("schedule/friday");
        var holding = world.TryHold(alice, "A-1-1");
        await World.Until(() => world.Journal.Caught > 0);
        Assert.Null(await world.Schedule().Map(known));
        Assert.Equal(30, (await world.Schedule().Get()).Value!.SeatsAvailable);
        world.Journal.Release();
        await holding;
        Assert.NotNull(await world.Schedule().Map(known));
    }

    [Fact]
    public async Task An_unknown_schedule_is_refused()
    {
        await using var world = await (await World.Start()).WithQueue();
        var alice = await world.Buyer("alice");
        Assert.Equal(SeatRefusal.ScheduleNotFound, (await world.TryHold(alice, "A-1-1")).Reason());
        Assert.Equal(SeatRefusal.ScheduleNotFound, (await world.Schedule().Get()).Reason());
        Assert.Equal(SeatRefusal.ScheduleNotFound, (await world.Schedule().Define()).Reason());
        Assert.Equal(SeatRefusal.ReservationNotFound, (await world.Schedule().Find("x", "alice")).Reason());
    }

    [Fact]
    public async Task A_waiting_token_holds_nothing()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        await world.WithSchedule();
        await world.Buyer("alice");
        var refused = Assert.IsType<QueueRefused>((await world.TryHold(await world.Buyer("bob"), "A-1-1")).Refused);
        Assert.Equal((QueueRefusal.TokenNotActive, 1L), (refused.Reason, refused.Position));
    }
}
