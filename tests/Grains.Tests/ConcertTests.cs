namespace OrleansConcert.Grains.Tests;

public sealed class ConcertTests
{
    private const string Tour = WireNames.ConcertStreams + "tour";
    private static readonly TimeSpan FiveSeconds = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_schedule_is_announced_opened_and_listed()
    {
        await using var world = await Made();
        var added = (await world.Concert().AddSchedule(New(world), null)).Value!;
        Assert.Equal(("friday", 30, "2026-05-03"), (added.ScheduleId, added.SeatsTotal, added.Date));
        Assert.Equal(["ConcertMade", "ScheduleAnnounced", "ScheduleListed"], await world.Whats(Tour));
        Assert.Equal(30, (await world.Schedule().Get()).Value!.SeatsAvailable);
        Assert.Equal(ConcertRefusal.AlreadyExists, Reason(await world.Concert().AddSchedule(New(world), null)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_schedule_on_its_way_survives_a_stop_at_any_step(int written)
    {
        await using var world = await Made();
        world.Journal.DieAfter(written, WireNames.ConcertStreams, WireNames.ScheduleStreams);
        await Assert.ThrowsAsync<UnavailableException>(
            () => world.Concert().AddSchedule(New(world), Given.Repeat("admin", "k")));
        await using var next = await world.Restart();
        if (written == 0)
        {
            Assert.Empty((await next.Concert().Schedules()).Value!.Schedules);
            return;
        }

        await next.Within(FiveSeconds, async () => (await next.Concert().Get()).Value!.Schedules == 1);
        var listed = Assert.Single((await next.Concert().Schedules()).Value!.Schedules);
        Assert.Equal(AnswerJson.Write(listed), (await next.Answers.Find("admin", "k"))!.Body.AsSpan().ToArray());
        Assert.Equal(["ConcertMade", "ScheduleAnnounced", "ScheduleListed"], await next.Whats(Tour));
        Assert.Single(await next.Whats("schedule/friday"));
    }

    [Fact]
    public async Task A_schedule_on_its_way_is_listed_though_its_key_was_used_for_something_else_meanwhile()
    {
        await using var world = await Made();
        world.Journal.DieAfter(1, WireNames.ConcertStreams, WireNames.ScheduleStreams);
        await Assert.ThrowsAsync<UnavailableException>(
            () => world.Concert().AddSchedule(New(world), Given.Repeat("admin", "k")));
        await world.Journal.Inner.Append(new()
        {
            Stream = WireNames.Answers,
            Head = 0,
            Events = [],
            At = world.Now.ToDateTimeOffset(),
            Answer = StoredAnswer.Of(Given.Repeat("admin", "k"), 200, new byte[] { 1 }, world.Now),
        });
        await using var next = await world.Restart();
        await next.Within(FiveSeconds, async () => (await next.Whats(Tour)).Contains("ScheduleListed"));
    }

    [Fact]
    public async Task An_open_that_fails_is_tried_again()
    {
        await using var world = await Made();
        world.Journal.Next("schedule/friday", Fate.FailBefore);
        await Assert.ThrowsAsync<UnavailableException>(() => world.Concert().AddSchedule(New(world), null));
        await world.Within(FiveSeconds, async () => (await world.Concert().Get()).Value!.Schedules == 1);
    }

    [Fact]
    public async Task The_id_of_another_concerts_schedule_is_refused_and_withdrawn()
    {
        await using var world = await Made();
        await world.Concert().AddSchedule(New(world), null);
        await world.Concert("other").Make(Definition("other"), null);
        Assert.Equal(ConcertRefusal.AlreadyExists, Reason(await world.Concert("other").AddSchedule(New(world), null)));
        Assert.Equal(["ConcertMade", "ScheduleAnnounced", "ScheduleWithdrawn"], await world.Whats("concert/other"));
        Assert.Equal("tour", (await world.Schedule().Define()).Value!.ConcertId);
    }

    [Fact]
    public async Task An_unknown_concert_is_refused_and_a_known_one_is_not_made_again()
    {
        await using var world = await Made();
        Assert.Equal(ConcertRefusal.AlreadyExists, Reason(await world.Concert().Make(Definition("tour"), null)));
        Assert.Equal(ConcertRefusal.ConcertNotFound, Reason(await world.Concert("none").Get()));
        Assert.Equal(ConcertRefusal.ConcertNotFound, Reason(await world.Concert("none").AddSchedule(New(world), null)));
    }

    [Fact]
    public async Task A_concert_hears_what_its_schedules_have_left_and_when_it_is_sold_out()
    {
        await using var world = await Made();
        await world.WithQueue();
        await world.Concert().AddSchedule(New(world, new Section("A", 1, 1, 1_000)), null);
        var held = await world.Hold(await world.Buyer("alice", 1_000), "A-1-1");
        await World.Until(async () => (await world.Concert().Schedules()).Value!.Schedules[0].SeatsAvailable == 0);
        Assert.False((await world.Concert().Get()).Value!.SoldOut);
        await world.Pay(held);
        await World.Until(async () => (await world.Concert().Get()).Value!.SoldOut);
        await using var next = await world.Restart();
        Assert.True((await next.Concert().Get()).Value!.SoldOut);
    }

    [Fact]
    public async Task Lists_are_read_in_pages_and_survive_a_restart()
    {
        await using var world = await World.Start();
        foreach (var id in new[] { "d", "a", "c", "b", "a" })
        {
            await world.Catalog.AddConcert(id);
        }

        await world.Catalog.AddQueue("vip");
        await using var next = await world.Restart();
        Assert.Equal("a b", string.Join(' ', await next.Catalog.Concerts(null, 2)));
        Assert.Equal("c d", string.Join(' ', await next.Catalog.Concerts("b", 2)));
        Assert.Empty(await next.Catalog.Concerts("d", 2));
        Assert.Equal("main vip", string.Join(' ', await next.Catalog.Queues()));
    }

    [Fact]
    public async Task Users_are_registered_once_and_unregistered()
    {
        await using var world = await World.Start();
        Assert.True(await world.Catalog.AddUser("alice"));
        Assert.False(await world.Catalog.AddUser("alice"));
        await using var next = await world.Restart();
        Assert.True(await next.Catalog.HasUser("alice"));
        await next.Catalog.RemoveUser("alice");
        await next.Catalog.RemoveUser("alice");
        Assert.False(await next.Catalog.HasUser("alice"));
    }

    [Fact]
    public async Task A_list_that_could_not_be_written_is_as_it_was()
    {
        await using var world = await World.Start();
        await world.Catalog.AddUser("alice");
        world.Journal.Script = append =>
            append.Stream.StartsWith("state/", StringComparison.Ordinal) ? Fate.FailBefore : Fate.Written;
        await Assert.ThrowsAsync<UnavailableException>(() => world.Catalog.AddUser("bob"));
        world.Journal.Script = null;
        Assert.False(await world.Catalog.HasUser("bob"));
        Assert.True(await world.Catalog.AddUser("bob"));
    }

    private static async Task<World> Made()
    {
        var world = await World.Start();
        Assert.NotNull((await world.Concert().Make(Definition("tour"), null)).Value);
        return world;
    }

    private static ConcertDefinition Definition(string id) =>
        new(id, "A tour", WireNames.MainQueue, ConcertDefinition.DefaultTimeZone, Preset.Standard.Sale);

    private static NewSchedule New(World world, params Section[] sections) => new(
        "friday", world.Now + TimeSpan.FromDays(2), null, null, sections.Length == 0 ? [new("A", 3, 10, 1_000)] : [.. sections]);

    private static ConcertRefusal Reason<T>(Answer<T> answer)
        where T : class => Assert.IsType<ConcertRefused>(answer.Refused).Reason;
}
