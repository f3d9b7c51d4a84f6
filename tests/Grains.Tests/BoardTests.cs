namespace OrleansConcert.Grains.Tests;

/// <summary>A queue and the hosts that pull its board.</summary>
public sealed class BoardTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_pull_brings_what_has_happened_since_the_last()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        var copy = new BoardCopy("a");
        await Pull(world, copy);
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        await Pull(world, copy);
        Assert.Equal((TokenStatus.Active, 0), Stands(world, copy, alice));
        Assert.Equal((TokenStatus.Waiting, 1), Stands(world, copy, bob));
        await world.Main.Leave(alice.Ticket);
        await Pull(world, copy);
        Assert.Null(Stands(world, copy, alice));
        Assert.Equal((TokenStatus.Active, 0), Stands(world, copy, bob));
    }

    [Fact]
    public async Task A_pull_shows_what_the_clock_has_brought_about()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1, ActiveTtl = Idle });
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        var copy = new BoardCopy("a");
        world.Time.Pass(Idle);
        await Pull(world, copy);
        Assert.Null(Stands(world, copy, alice));
        Assert.Equal((TokenStatus.Active, 0), Stands(world, copy, bob));
    }

    [Fact]
    public async Task Whom_a_host_has_answered_is_not_idle_and_ends_a_time_out_after_that()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveIdleTimeout = Idle });
        var alice = await world.Buyer("alice");
        var copy = new BoardCopy("a");
        world.Time.Pass(Idle - Some(200));
        await Pull(world, copy);
        world.Time.Pass(Some(100));
        Assert.NotNull(Stands(world, copy, alice));
        world.Time.Pass(Idle / 2);
        await Pull(world, copy, isLast: true);
        world.Time.Pass((Idle / 2) - Some(1));
        await Pull(world, new BoardCopy("b"), isLast: true);
        await Pull(world, copy);
        Assert.NotNull(Stands(world, copy, alice));
        await Pull(world, copy, isLast: true);
        world.Time.Pass(Idle);
        await Pull(world, copy, isLast: true);
        Assert.Equal(EndReason.Idle, (await world.Look(alice)).Reason);
    }

    [Fact]
    public async Task Nobody_ends_as_idle_before_every_host_has_told_whom_it_answered()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveIdleTimeout = Idle });
        var (alice, bob) = (await world.Buyer("alice"), await world.Buyer("bob"));
        var (near, far) = (new BoardCopy("a"), new BoardCopy("b"));
        world.Time.Pass(Idle - Some(1));
        await Pull(world, near);
        await Pull(world, far);
        Assert.NotNull(Stands(world, far, alice));
        world.Time.Pass(Some(100));
        await Pull(world, near);
        Assert.Null(Stands(world, near, alice));
        Assert.Equal([alice.Ticket, bob.Ticket], await Whole(world, "c"));
        await Pull(world, far, isLast: true);
        await Pull(world, near, isLast: true);
        Assert.Equal([alice.Ticket], await Whole(world, "d"));
        Assert.Equal(EndReason.Idle, (await world.Look(bob)).Reason);
        Assert.Equal(TokenStatus.Active, (await world.Look(alice)).Status);
    }

    [Fact]
    public async Task The_first_part_of_a_pull_alone_lists_who_may_be_idle()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { ActiveIdleTimeout = Idle });
        var alice = await world.Buyer("alice");
        world.Time.Pass(Idle);
        var first = await world.Main.Board(new(0, null, new("a", 1, Instant.Epoch, Instant.Never, [], IsLast: false)));
        Assert.Equal([alice.Ticket], first.Doubtful.SelectMany(block => block.Tickets()));
        Assert.Empty((await world.Main.Board(new(first.Whole!.Version, 0, null))).Doubtful);
    }

    private static TimeSpan Some(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static (TokenStatus Status, long Position)? Stands(World world, BoardCopy copy, Buyer buyer) =>
        copy.Read(buyer.Ticket, buyer.Nonce, buyer.UserId, world.Now, isPulled: false, out var standing) == BoardRead.Shown
            ? (standing.Place.Status, standing.Place.Position)
            : null;

    private static async Task<long[]> Whole(World world, string host)
    {
        var news = await world.Main.Board(new(0, null, new(host, 1, Instant.Epoch, Instant.Never, [], IsLast: true)));
        return [.. news.Whole!.Active.Select(active => active.Ticket).Order()];
    }

    private static async Task Pull(World world, BoardCopy copy, bool isLast = false)
    {
        for (var ask = copy.Begin(world.Now, isLast); ask is not null;)
        {
            ask = copy.Fold(ask, await world.Main.Board(ask));
        }

        copy.Complete();
    }
}
