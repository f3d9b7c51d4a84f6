namespace OrleansConcert.Grains.Tests;

public sealed class RepeatTests
{
    [Fact]
    public async Task A_key_in_use_is_nobody_elses_until_it_is_given_back()
    {
        await using var world = await World.Start();
        var repeats = world.Cluster.GrainFactory.GetGrain<IRepeatsGrain>(WireNames.Repeats("alice"));
        var first = await repeats.Begin("alice", "k");
        Assert.Null((await repeats.Begin("alice", "k")).Number);
        Assert.NotNull((await repeats.Begin("bob", "k")).Number);
        Assert.NotNull((await repeats.Begin("alice", "l")).Number);
        await repeats.End("alice", "k", first.Number!.Value);
        Assert.NotNull((await repeats.Begin("alice", "k")).Number);
        await repeats.End("alice", "k", first.Number!.Value);
        Assert.Null((await repeats.Begin("alice", "k")).Number);
    }

    [Fact]
    public async Task A_key_in_use_that_was_answered_gets_its_answer_and_leaves_nothing_taken()
    {
        await using var world = await World.Start();
        var repeats = world.Cluster.GrainFactory.GetGrain<IRepeatsGrain>(WireNames.Repeats("alice"));
        var begun = await repeats.Begin("alice", "k");
        await world.Answers.Keep(Given.Repeat("alice", "k"), 201, [1, 2, 3]);
        for (var round = 0; round < 2; round++)
        {
            var again = await repeats.Begin("alice", "k");
            Assert.Equal((201, null), (again.Given!.Status, again.Number));
            await repeats.End("alice", "k", begun.Number!.Value);
        }
    }

    [Fact]
    public async Task A_key_that_nobody_waits_for_any_more_is_free_and_a_late_end_takes_it_from_nobody()
    {
        await using var world = await World.Start();
        var repeats = world.Cluster.GrainFactory.GetGrain<IRepeatsGrain>(WireNames.Repeats("alice"));
        var lost = await repeats.Begin("alice", "k");
        world.Time.Pass(Given.Seconds(2.499));
        Assert.Null((await repeats.Begin("alice", "k")).Number);
        world.Time.Pass(Given.Seconds(0.001));
        Assert.NotNull((await repeats.Begin("alice", "k")).Number);
        await repeats.End("alice", "k", lost.Number!.Value);
        Assert.Null((await repeats.Begin("alice", "k")).Number);
    }

    [Fact]
    public async Task A_key_is_not_taken_where_nobody_can_tell_whether_it_was_answered()
    {
        await using var world = await World.Start();
        var repeats = world.Cluster.GrainFactory.GetGrain<IRepeatsGrain>(WireNames.Repeats("alice"));
        world.Journal.ReadsFail = true;
        await Assert.ThrowsAsync<UnavailableException>(() => repeats.Begin("alice", "k"));
        world.Journal.ReadsFail = false;
        Assert.NotNull((await repeats.Begin("alice", "k")).Number);
    }

    [Fact]
    public async Task Every_verb_with_a_key_leaves_the_very_bytes_of_its_answer()
    {
        await using var world = await (await World.Start()).WithQueue();
        await Kept(world, "make", key => world.Concert().Make(
            new("tour", "A tour", WireNames.MainQueue, ConcertDefinition.DefaultTimeZone, Preset.Standard.Sale), key));
        await Kept(world, "add", key => world.Concert().AddSchedule(
            new("friday", world.Now + TimeSpan.FromDays(2), null, null, [new("A", 3, 10, 1_000)]), key));
        await Kept(world, "join", key => world.Main.Join("alice", key));
        await Kept(world, "charge", key => world.Wallet("alice").Charge(5_000, key));
        await Kept(world, "drain", key => world.Main.SetMode(QueueMode.Draining, key));
        await Kept(world, "drain-again", key => world.Main.SetMode(QueueMode.Draining, key));
        var alice = await world.Buyer("alice");
        var held = await Kept(world, "hold", key => world.Schedule().Hold(Given.Seats(alice, "A-1-1"), key));
        await Kept(world, "confirm", key => world.Schedule().Confirm(held.ReservationId, "alice", key));
        await Kept(world, "confirm-again", key => world.Schedule().Confirm(held.ReservationId, "alice", key));
        await Kept(world, "pay", key => world.Schedule().Pay(new("alice", held.ReservationId, []), key));
    }

    [Fact]
    public async Task A_repeat_that_reaches_the_grain_has_the_first_answer_also_after_a_restart()
    {
        await using var world = await (await World.Start()).WithQueue();
        var key = Given.Repeat("alice", "charge");
        var charged = (await world.Wallet("alice").Charge(5_000, key)).Value!;
        await using var next = await world.Restart();
        var replayed = (await next.Wallet("alice").Charge(5_000, key)).Replayed!;
        Assert.Equal(AnswerJson.Write(charged), replayed.Body.AsSpan().ToArray());
        Assert.Equal((201, Given.Fingerprint), (replayed.Status, replayed.Fingerprint));
        Assert.Equal(5_000, (await next.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_refusal_leaves_its_key_free()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        var key = Given.Repeat("alice", "pay");
        Assert.NotNull((await world.Pay(held, key)).Refused);
        Assert.Null(await world.Answers.Find("alice", "pay"));
        await world.Wallet("alice").Charge(1_000, null);
        Assert.NotNull((await world.Pay(held, key)).Value);
    }

    [Fact]
    public async Task A_hold_asked_for_again_after_its_token_ended_gets_its_answer()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        var key = Given.Repeat("alice", "hold");
        var held = (await world.Schedule().Hold(Given.Seats(alice, "A-1-1"), key)).Value!;
        await world.Token(alice.Ticket).Leave("alice");
        var again = await world.Schedule().Hold(Given.Seats(alice, "A-1-1"), key);
        Assert.Equal(AnswerJson.Write(held), again.Replayed!.Body.AsSpan().ToArray());
    }

    [Fact]
    public async Task The_keys_of_two_callers_never_meet()
    {
        await using var world = await World.Start();
        Assert.NotNull((await world.Wallet("alice").Charge(1, Given.Repeat("alice", "k"))).Value);
        Assert.NotNull((await world.Wallet("bob").Charge(1, Given.Repeat("bob", "k"))).Value);
    }

    private static async Task<T> Kept<T>(World world, string key, Func<Repeat, Task<Answer<T>>> ask)
        where T : class
    {
        var answer = await ask(Given.Repeat("somebody", key));
        var kept = await world.Answers.Find("somebody", key);
        Assert.Equal(AnswerJson.Write(answer.Value!), kept!.Body.AsSpan().ToArray());
        Assert.Equal(answer.Status, kept.Status);
        return answer.Value!;
    }
}
