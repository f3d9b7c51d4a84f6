namespace OrleansConcert.Grains.Tests;

/// <summary>
/// A journal that others write too: an activation that was taken for dead, and followed elsewhere, finds that out before it tells anything
/// of what it remembers.
/// </summary>
public sealed class SharedJournalTests
{
    private const string Alice = WireNames.WalletStreams + "alice";
    private const string Friday = WireNames.ScheduleStreams + "friday";
    private const string Main = WireNames.QueueStreams + WireNames.MainQueue;
    private const string Tour = WireNames.ConcertStreams + "tour";

    [Fact]
    public async Task A_permit_is_given_from_memory_by_the_newest_activation_alone()
    {
        await using var world = await Shared();
        var alice = await world.Buyer("alice");
        world.Time.Pass(Given.Seconds(2));
        await Elsewhere(world, Main, JournalFormats.Queue.Write(
            new Ended(world.Now, alice.Ticket, "alice", TokenStatus.Cancelled, EndReason.Left)));
        await Assert.ThrowsAsync<UnavailableException>(() => world.Main.Permit(alice.Ticket, Given.Minutes(5)));
        var refused = await Reloaded(() => world.Main.Permit(alice.Ticket, Given.Minutes(5)));
        Assert.IsType<QueueRefused>(refused.Refused);
    }

    [Theory]
    [InlineData("a wallet")]
    [InlineData("a payment's void")]
    [InlineData("a reservation")]
    [InlineData("a refusal")]
    [InlineData("a seat map")]
    [InlineData("a schedule")]
    [InlineData("a giving back")]
    [InlineData("a place")]
    [InlineData("that there is no such place")]
    [InlineData("a user's ticket")]
    [InlineData("a token's end")]
    [InlineData("a hold that is told of")]
    [InlineData("a board")]
    [InlineData("a concert")]
    public async Task An_activation_that_was_followed_tells_nothing_of_what_it_remembers_a_second_later(string what)
    {
        await using var world = await Shared();
        await world.WithSchedule();
        await world.Concert().Make(new("tour", "Tour", WireNames.MainQueue, "Asia/Seoul", Preset.Standard.Sale), null);
        var alice = await world.Buyer("alice", 5_000);
        var held = await world.Hold(alice, "A-1-1");
        await world.Wallet("alice").Void("pay.none", world.Now);
        Func<Task> tell = what switch
        {
            "a wallet" => () => world.Wallet("alice").Get(),
            "a payment's void" => () => world.Wallet("alice").Void("pay.none", world.Now),
            "a reservation" => () => world.StatusOf(held),
            "a refusal" => () => world.TryHold(alice, "A-1-1"),
            "a seat map" => () => world.Schedule().Map(0),
            "a schedule" => () => world.Schedule().Get(),
            "a giving back" => () => world.Schedule().ReleaseAll("bob", 99, ReleaseReason.LeftQueue),
            "a place" => () => world.Main.Look(alice.Ticket, alice.Nonce),
            "that there is no such place" => () => world.Main.Look(alice.Ticket, alice.Nonce + 1),
            "a user's ticket" => () => world.Main.TicketOf("alice"),
            "a token's end" => () => world.Main.EndOf(alice.Ticket),
            "a hold that is told of" => () => world.Main.Held(alice.Ticket, held.ExpiresAt),
            "a board" => () => world.Main.Board(new(0, null, null)),
            _ => () => world.Concert().Get(),
        };
        await tell();
        world.Time.Pass(Given.Seconds(1));
        await tell();
        await Elsewhere(world, Alice, JournalFormats.Wallet.Write(new Charged(world.Now, "ent.elsewhere", 1_000, 6_000)));
        await Elsewhere(world, Friday, JournalFormats.Schedule.Write(new HoldConfirmed(world.Now, held.ReservationId)));
        await Elsewhere(world, Main, JournalFormats.Queue.Write(
            new Ended(world.Now, alice.Ticket, "alice", TokenStatus.Cancelled, EndReason.Left)));
        await Elsewhere(world, Tour, JournalFormats.Concert.Write(new ScheduleWithdrawn(world.Now, "none")));
        world.Time.Pass(Given.Seconds(1.001));
        await Assert.ThrowsAsync<UnavailableException>(tell);
        await Reloaded(async () =>
        {
            await tell();
            return true;
        });
    }

    [Fact]
    public async Task Whoever_wrote_or_looked_within_a_second_does_not_look_again_and_one_looks_for_all()
    {
        await using var world = await Shared();
        var alice = await world.Buyer("alice");
        var asked = world.Journal.HeadsAsked;
        world.Time.Pass(Given.Seconds(1));
        Assert.NotNull((await Permit()).Value);
        Assert.Equal(asked, world.Journal.HeadsAsked);
        world.Time.Pass(Given.Seconds(0.001));
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Permit())), answer => Assert.NotNull(answer.Value));
        Assert.Equal(asked + 1, world.Journal.HeadsAsked);
        world.Time.Pass(Given.Seconds(1));
        Assert.NotNull((await Permit()).Value);
        Assert.Equal(asked + 1, world.Journal.HeadsAsked);

        Task<Answer<Permit>> Permit() => world.Main.Permit(alice.Ticket, Given.Minutes(5));
    }

    [Fact]
    public async Task A_journal_of_ones_own_is_never_asked()
    {
        await using var world = await (await World.Start()).WithQueue();
        var alice = await world.Buyer("alice", 500);
        world.Time.Pass(Given.Seconds(10));
        Assert.NotNull((await world.Main.Permit(alice.Ticket, Given.Minutes(5))).Value);
        Assert.Equal(500, (await world.Wallet("alice").Get()).Balance);
        Assert.Equal(0, world.Journal.HeadsAsked);
    }

    [Theory]
    [InlineData(2_500, true)]
    [InlineData(2_501, false)]
    public async Task A_permit_that_was_longer_on_its_way_than_anybody_waits_holds_no_seat(int milliseconds, bool isWorthIt)
    {
        await using var world = await Shared(policy => policy with { ActiveTtl = Given.Seconds(60) });
        await world.WithSchedule();
        var alice = await world.Buyer("alice");
        world.Journal.HoldBack(Main);
        var holding = world.TryHold(alice, "A-1-1");
        await World.Until(() => world.Journal.Caught > 0);
        world.Time.Pass(Given.Seconds(milliseconds / 1_000.0));
        world.Journal.Release();
        Assert.Equal(isWorthIt, await Record.ExceptionAsync(() => holding) is null);
        Assert.Equal(isWorthIt, (await world.Whats(Friday)).Contains("SeatsHeld"));
    }

    [Fact]
    public async Task That_a_user_is_or_is_not_registered_already_is_told_of_what_is_stored()
    {
        await using var world = await World.Start();
        await world.Catalog.AddUser("alice");
        await world.Catalog.AddUser("bob");
        await Rename("bob", "carol");
        Assert.True(await world.Catalog.AddUser("bob"));
        await Rename("carol", "dave");
        await world.Catalog.RemoveUser("dave");
        await using var next = await world.Restart();
        Assert.True(await next.Catalog.HasUser("bob"));
        Assert.False(await next.Catalog.HasUser("dave"));

        async Task Rename(string user, string to)
        {
            var streams = new HashSet<string>();
            await foreach (var entry in world.Journal.Inner.ReadAll(CancellationToken.None))
            {
                streams.Add(entry.Stream);
            }

            var stream = streams.Single(name => name.EndsWith("/users", StringComparison.Ordinal));
            var last = (await world.Journal.Inner.ReadBackward(stream, long.MaxValue, 1))[0];
            var text = Encoding.UTF8.GetString(last.Text.Span).Replace(user, to, StringComparison.Ordinal);
            await world.Journal.Inner.Append(
                new() { Stream = stream, Head = last.Version, Events = [Given.Text(text)], At = world.Now.ToDateTimeOffset() });
        }
    }

    [Fact]
    public async Task A_token_whose_grain_and_one_of_its_schedules_were_lost_does_not_end_before_its_hold_in_another()
    {
        await using var world = await Shared(policy => policy with { ActiveTtl = Given.Seconds(60) });
        await (await world.WithSchedule()).WithSchedule("saturday");
        var alice = await world.Buyer("alice");
        var held = await world.Hold(alice, "A-1-1");
        Assert.NotNull((await world.Schedule("saturday").Hold(Given.Seats(alice, "A-1-1"), null)).Value);
        await world.Cluster.DeactivateAsync(world.Token(alice.Ticket));
        await world.Cluster.DeactivateAsync(world.Schedule());
        await world.Schedule().Wake();
        world.Time.Pass(Given.Seconds(61));
        await world.Schedule().Release(held.ReservationId, "alice");
        await World.Until(async () => (await world.Whats(Friday)).Contains("HoldReleased"));
        await world.Token(alice.Ticket).HoldsEnded("friday", long.MaxValue);
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
    }

    [Fact]
    public async Task What_is_on_its_way_meanwhile_is_waited_for_and_is_no_others()
    {
        await using var world = await Shared(policy => policy with { MaxActive = 1 });
        await world.Buyer("alice");
        var bob = await world.Buyer("bob");
        world.Time.Pass(Given.Seconds(2));
        world.Journal.HoldBack(Main);
        var joined = world.Main.Join("carol", null);
        await World.Until(() => world.Journal.Caught > 0);
        await World.Until(async () => await world.Journal.Inner.Head(Main) > 3);
        var seen = world.Look(bob);
        await World.Until(() => world.Journal.HeadsAsked > 0);
        await world.Main.Unpin(99);
        Assert.False(seen.IsCompleted);
        world.Journal.Release();
        Assert.Equal(1, (await seen).Position);
        Assert.Equal(2, (await joined).Value!.Position);
    }

    [Fact]
    public async Task What_is_on_its_way_meanwhile_and_was_refused_is_told_by_nobody()
    {
        await using var world = await Shared(policy => policy with { MaxActive = 1 });
        await world.Buyer("alice");
        var bob = await world.Buyer("bob");
        world.Time.Pass(Given.Seconds(2));
        await Elsewhere(world, Main, JournalFormats.Queue.Write(
            new Ended(world.Now, bob.Ticket, "bob", TokenStatus.Cancelled, EndReason.Left)));
        world.Journal.HoldBack(Main);
        var joined = world.Main.Join("carol", null);
        await World.Until(() => world.Journal.Caught > 0);
        var seen = world.Look(bob);
        await World.Until(() => world.Journal.HeadsAsked > 0);
        world.Journal.Release();
        await Assert.ThrowsAsync<UnavailableException>(() => seen);
        await Assert.ThrowsAsync<UnavailableException>(() => joined);
    }

    [Fact]
    public async Task Where_the_journal_does_not_answer_nothing_is_told_and_nothing_is_forgotten()
    {
        await using var world = await Shared();
        var alice = await world.Buyer("alice");
        world.Time.Pass(Given.Seconds(2));
        world.Journal.ReadsFail = true;
        await Assert.ThrowsAsync<UnavailableException>(() => world.Main.Permit(alice.Ticket, Given.Minutes(5)));
        world.Journal.ReadsFail = false;
        Assert.NotNull((await world.Main.Permit(alice.Ticket, Given.Minutes(5))).Value);
        Assert.Empty(world.Lines.With("drops its memory"));
    }

    private static async Task<World> Shared(Func<QueuePolicy, QueuePolicy>? change = null)
    {
        var world = await (await World.Start()).WithQueue(change);
        world.Journal.IsShared = true;
        return world;
    }

    /// <summary>Another activation, in another process, writes an event.</summary>
    private static async Task Elsewhere(World world, string stream, byte[] text)
    {
        var head = await world.Journal.Inner.Head(stream);
        var written = await world.Journal.Inner.Append(
            new() { Stream = stream, Head = head, Events = [text], At = world.Now.ToDateTimeOffset() });
        Assert.Equal(AppendOutcome.Durable, written.Outcome);
    }

    /// <summary>Asks until the activation that dropped its memory is followed by another.</summary>
    private static async Task<T> Reloaded<T>(Func<Task<T>> ask)
    {
        var answer = default(T);
        await World.Until(async () =>
        {
            try
            {
                answer = await ask();
                return true;
            }
            catch (UnavailableException)
            {
                return false;
            }
        });
        return answer!;
    }
}
