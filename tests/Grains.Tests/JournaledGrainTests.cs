namespace OrleansConcert.Grains.Tests;

public sealed class JournaledGrainTests
{
    private const string Alice = WireNames.WalletStreams + "alice";
    private const string Friday = WireNames.ScheduleStreams + "friday";
    private const string Main = WireNames.QueueStreams + WireNames.MainQueue;

    [Fact]
    public async Task Nothing_is_answered_before_it_is_durable()
    {
        await using var world = await World.Start();
        world.Journal.HoldBack(Alice);
        var charged = world.Wallet("alice").Charge(500, null);
        await World.Until(() => world.Journal.Caught > 0);
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
        world.Journal.HoldBack(Friday);
        var held = world.TryHold(alice, "A-1-1");
        await World.Until(() => world.Journal.Caught > 0);
        var sameSeat = world.TryHold(bob, "A-1-1");
        var noSeat = await world.TryHold(bob, "A-9-9");
        Assert.Equal(SeatRefusal.SeatNotFound, noSeat.Reason());
        Assert.False(held.IsCompleted);
        Assert.False(sameSeat.IsCompleted);
        world.Journal.Release();
        Assert.NotNull((await held).Value);
        Assert.Equal(SeatRefusal.SeatsTaken, (await sameSeat).Reason());
    }

    [Fact]
    public async Task A_poll_waits_for_its_own_ticket_only()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        await world.Buyer("alice");
        var bob = await world.Buyer("bob");
        world.Journal.HoldBack(Main);
        var joined = world.Main.Join("carol", null);
        await World.Until(() => world.Journal.Caught > 0);
        Assert.Equal(1, (await world.Look(bob)).Position);
        Assert.False(joined.IsCompleted);
        world.Journal.Release();
        Assert.Equal(2, (await joined).Value!.Position);
    }

    [Fact]
    public async Task A_place_given_again_shows_no_leaver_who_is_not_durably_gone()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        await world.Buyer("alice");
        var bob = await world.Buyer("bob");
        await world.Buyer("carol");
        world.Journal.HoldBack(Main);
        var leaving = world.Main.Leave(bob.Ticket);
        await World.Until(() => world.Journal.Caught > 0);
        var again = world.Main.Join("carol", null);
        var figures = world.Main.Get();
        await world.Main.Unpin(99);
        Assert.False(again.IsCompleted);
        Assert.False(figures.IsCompleted);
        world.Journal.Release();
        Assert.Equal(1, (await again).Value!.Position);
        Assert.Equal(1, (await figures).Value!.Figures.Waiting);
        await leaving;
    }

    [Fact]
    public async Task Many_calls_share_one_write()
    {
        var writer = new GatedScheduler();
        await using var world = await World.Start(writer: writer);
        await world.Wallet("alice").Charge(1, null);
        writer.Shut();
        var before = world.Journal.Inner.Flushes;
        var charges = Enumerable.Range(0, 500).Select(_ => world.Wallet("alice").Charge(1, null)).ToArray();
        await World.Until(() => world.Journal.To(Alice).Length == 501);
        writer.Open();
        var answers = await Task.WhenAll(charges);
        Assert.Equal(501, answers.Max(answer => answer.Value!.Balance));
        Assert.InRange(world.Journal.Inner.Flushes - before, 1, 10);
    }

    [Theory]
    [InlineData("FailBefore", 100)]
    [InlineData("FailAfter", 150)]
    public async Task A_failed_write_fails_its_caller_and_the_state_is_what_the_journal_has(string fate, long balance)
    {
        await using var world = await World.Start();
        await world.Wallet("alice").Charge(100, null);
        world.Journal.Next(Alice, Enum.Parse<Fate>(fate));
        var failure = await Assert.ThrowsAsync<UnavailableException>(() => world.Wallet("alice").Charge(50, null));
        Assert.Null(failure.InnerException);
        Assert.Equal(balance, (await world.Wallet("alice").Get()).Balance);
        Assert.Equal(balance + 1, (await world.Wallet("alice").Charge(1, null)).Value!.Balance);
    }

    [Fact]
    public async Task Everything_decided_on_a_state_that_never_was_fails_with_it()
    {
        await using var world = await World.Start();
        await world.Wallet("alice").Charge(100, null);
        world.Journal.Next(Alice, Fate.FailLater);
        var lost = world.Wallet("alice").Charge(50, null);
        await World.Until(() => world.Journal.Caught > 0);
        var onTopOfIt = world.Wallet("alice").Charge(5, null);
        await Assert.ThrowsAsync<UnavailableException>(() => onTopOfIt);
        var afterwards = world.Wallet("alice").Get();
        Assert.False(lost.IsCompleted);
        world.Journal.Release();
        await Assert.ThrowsAsync<UnavailableException>(() => lost);
        await World.Until(() => afterwards.IsCompleted);
        Assert.Equal(100, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_head_moved_by_another_writer_makes_the_grain_read_again()
    {
        await using var world = await World.Start();
        await world.Wallet("alice").Charge(100, null);
        await world.Journal.Inner.Append(new()
        {
            Stream = Alice,
            Head = 1,
            Events = [Given.Text("""{"what":"Charged","at":"2026-05-01T12:00:00.000Z","entryId":"ent.x","amount":900,"balance":1000}""")],
            At = world.Now.ToDateTimeOffset(),
        });
        await Assert.ThrowsAsync<UnavailableException>(() => world.Wallet("alice").Charge(50, null));
        Assert.Equal(1_000, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_read_makes_no_activation()
    {
        await using var world = await World.Start();
        world.Journal.ReadsFail = true;
        await Assert.ThrowsAsync<UnavailableException>(() => world.Wallet("alice").Get());
        world.Journal.ReadsFail = false;
        Assert.Equal(0, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_key_used_before_gets_the_stored_answer_and_has_no_second_effect()
    {
        await using var world = await World.Start();
        var repeat = Given.Repeat("alice", "k");
        await world.Answers.Keep(repeat, 201, [1, 2, 3]);
        var answer = await world.Wallet("alice").Charge(50, repeat);
        Assert.Equal("1, 2, 3", string.Join(", ", answer.Replayed!.Body));
        Assert.Equal(0, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public Task The_answer_to_a_taken_key_is_told_to_nobody_who_waits_for_the_same_write() => UntilAllWaited(async () =>
    {
        await using var world = await (await World.Start()).WithQueue();
        var repeat = Given.Repeat("admin", "k");
        await world.Answers.Keep(repeat, 200, [1, 2, 3]);
        world.Journal.HoldBack(Main);
        var paused = world.Main.SetMode(QueueMode.Paused, repeat);
        await World.Until(() => world.Journal.Caught > 0);
        var seen = world.Main.Get();
        var pausedAgain = world.Main.SetMode(QueueMode.Paused, Given.Repeat("other", "k"));
        await world.Main.Unpin(99);
        world.Journal.Release();
        Assert.Equal("1, 2, 3", string.Join(", ", (await paused).Replayed!.Body));
        if (!await IsRefused(seen) || !await IsRefused(pausedAgain))
        {
            return false;
        }

        Assert.Equal(QueueMode.Open, (await world.Main.Get()).Value!.State);
        return true;
    });

    [Fact]
    public async Task A_taken_key_costs_no_memory_where_nothing_was_decided()
    {
        await using var world = await (await World.Start()).WithQueue();
        var first = await world.Main.Join("alice", Given.Repeat("alice", "k"));
        var second = await world.Main.Join("alice", Given.Repeat("alice", "k"));
        Assert.Equal(AnswerJson.Write(first.Value!), second.Replayed!.Body.AsSpan());
        Assert.Empty(world.Lines.With("drops its memory"));
    }

    [Fact]
    public Task No_answer_is_stored_before_what_it_shows_is_durable() => UntilAllWaited(async () =>
    {
        await using var world = await (await World.Start()).WithQueue();
        world.Journal.Next(Main, Fate.FailLater);
        var joined = world.Main.Join("alice", null);
        await World.Until(() => world.Journal.Caught > 0);
        var again = world.Main.Join("alice", Given.Repeat("alice", "k"));
        await world.Main.Unpin(99);
        world.Journal.Release();
        await Assert.ThrowsAsync<UnavailableException>(() => joined);
        if (!await IsRefused(again))
        {
            return false;
        }

        Assert.Null(await world.Answers.Find("alice", "k"));
        return true;
    });

    [Fact]
    public async Task A_poll_is_told_of_a_pause_and_of_gates_once_they_are_durable()
    {
        await using var world = await (await World.Start()).WithQueue();
        var alice = await world.Buyer("alice");
        var before = (await world.Main.Look(alice.Ticket, alice.Nonce))!;
        world.Journal.Script = append => append.Stream == Main ? Fate.FailLater : Fate.Written;
        var paused = world.Main.SetMode(QueueMode.Paused, null);
        var gated = world.WithQueue(policy => policy with { WalletGate = WalletGate.Active, BrowseGate = BrowseGate.NotExpired });
        await World.Until(() => world.Journal.Caught == 2);
        Assert.Equal(before, await world.Main.Look(alice.Ticket, alice.Nonce));
        world.Journal.Release();
        await Assert.ThrowsAsync<UnavailableException>(() => paused);
        await Assert.ThrowsAsync<UnavailableException>(() => gated);
    }

    [Fact]
    public async Task An_append_that_the_journal_does_not_take_is_forgotten_by_the_state_too()
    {
        await using var world = await World.Start();
        await world.Wallet("alice").Charge(100, null);
        var tooLong = new Repeat("alice", new('k', 256), Given.Fingerprint);
        await Assert.ThrowsAnyAsync<Exception>(() => world.Wallet("alice").Charge(50, tooLong));
        Assert.Equal(100, (await world.Wallet("alice").Get()).Balance);
    }

    [Fact]
    public async Task A_snapshot_with_its_tail_is_the_whole_history()
    {
        await using var world = await (await World.Start()).WithQueue();
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        for (var round = 0; round < 520; round++)
        {
            var held = await world.Hold(alice, $"A-{1 + (round % 3)}-1");
            await world.Schedule().Release(held.ReservationId, "alice");
            world.Time.Pass(Given.Minutes(1));
        }

        var last = await world.Hold(alice, "A-2-2");
        await World.Until(async () => (await world.Journal.Inner.Load(Friday)).SnapshotVersion > 0);
        var loaded = await world.Journal.Inner.Load(Friday);
        Assert.NotEmpty(loaded.Events);
        var fromSnapshot = ScheduleState.From(
            JsonSerializer.Deserialize(loaded.SnapshotPieces[0].Span, JournalJson.Default.ScheduleSnapshot)!);
        foreach (var entry in loaded.Events)
        {
            fromSnapshot.Apply(JsonSerializer.Deserialize(entry.Text.Span, JournalJson.Default.SeatEvent)!, entry.Version);
        }

        var replayed = new ScheduleState();
        var version = 0L;
        foreach (var text in await world.Texts(Friday))
        {
            replayed.Apply(JsonSerializer.Deserialize(text, JournalJson.Default.SeatEvent)!, ++version);
        }

        Assert.Equal(TextOf(replayed), TextOf(fromSnapshot));
        await using var next = await world.Restart();
        Assert.Equal(ReservationStatus.Held, await next.StatusOf(last));
    }

    [Fact]
    public async Task A_snapshot_that_fails_is_told_and_changes_nothing()
    {
        await using var world = await World.Start();
        world.Journal.SnapshotsFail = true;
        for (var round = 0; round < 12; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => world.Wallet("alice").Charge(1, null)));
        }

        Assert.Equal(1_200, (await world.Wallet("alice").Get()).Balance);
        Assert.Equal(1, world.Journal.SnapshotsAsked);
        Assert.Single(world.Lines.With("could not be snapshotted"));
    }

    /// <summary>
    /// Calls to a grain of a cluster may overtake each other: one that came after what the others wait for shows nothing, and all is
    /// tried again.
    /// </summary>
    private static async Task UntilAllWaited(Func<Task<bool>> allWaited)
    {
        for (var tries = 1; !await allWaited(); tries++)
        {
            Assert.True(tries < 5, "Calls that are made one after another never come before the next thing is done.");
        }
    }

    private static async Task<bool> IsRefused(Task call) => await Record.ExceptionAsync(() => call) switch
    {
        null => false,
        UnavailableException => true,
        var other => throw other,
    };

    private static string TextOf(ScheduleState state) =>
        JsonSerializer.Serialize(state.ToSnapshot(), JournalJson.Default.ScheduleSnapshot);
}
