using Microsoft.Extensions.DependencyInjection;

namespace OrleansConcert.Grains.Tests;

/// <summary>Which grains are activated, by the engine's own list.</summary>
public sealed class ActivationTests
{
    private const int Million = 1_000_000;

    [Fact]
    public async Task An_id_that_means_nothing_keeps_no_activation()
    {
        await using var world = await (await World.Start()).WithQueue();
        var alice = await world.Buyer("alice");
        await world.TryHold(alice, "A-1-1");
        await world.Schedule().Define();
        await world.Schedule().Get();
        await world.Schedule().Map(7);
        await world.Schedule().Find("rsv.friday.r", "alice");
        await world.Schedule().Pay(new("alice", "rsv.friday.r", []), null);
        await world.Concert().Get();
        await world.Queue("none").Get();
        await world.Queue("none").Look(1, 1);
        await world.Queue("none").Join("alice", null);
        await World.Until(() => Count(world, "schedule") + Count(world, "concert") == 0 && Count(world, "waitingqueue") == 1);
    }

    [Fact]
    public async Task A_token_without_holds_keeps_no_activation()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 2 });
        await world.WithSchedule();
        var (alice, bob) = (await world.Buyer("alice", 10_000), await world.Buyer("bob"));
        var carol = await world.Buyer("carol");
        var held = await world.Hold(alice, "A-1-1");
        Assert.Equal(1, Count(world, "token"));
        var given = await world.Hold(bob, "A-1-2");
        await world.TryHold(bob, "A-1-1");
        Assert.Equal(2, Count(world, "token"));
        await world.TryHold(carol, "A-1-3");
        await world.Pay(held);
        await world.Schedule().Release(given.ReservationId, "bob");
        await World.Until(() => Count(world, "token") == 0);
    }

    [Fact]
    public async Task Twenty_thousand_who_wait_are_one_activation()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        var joined = await Task.WhenAll(Enumerable.Range(0, 20_000).Select(number => world.Main.Join($"user{number}", null)));
        Assert.Equal(19_999, joined.Max(answer => answer.Value!.Position));
        Assert.Equal(0, Count(world, "token"));
        Assert.Equal(1, Count(world, "waitingqueue"));
    }

    [Fact]
    public async Task A_million_who_wait_are_one_activation_of_a_modest_size()
    {
        await using var world = await (await World.Start()).WithQueue(policy => policy with { MaxActive = 1 });
        await world.Buyer("first");
        await world.Cluster.DeactivateAsync(world.Main);
        await FillQueue(world);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Assert.Equal(Million, (await world.Main.Get()).Value!.Figures.Waiting);
        var grown = (GC.GetTotalMemory(forceFullCollection: true) - before) >> 20;
        Assert.True(grown < 300, $"The queue takes {grown} MiB.");
        Assert.Equal(Million, (await world.Main.Look(Million + 1, 1))!.Token.Position);
        await world.Main.Leave(Million / 2);
        Assert.Equal(Million - 1, (await world.Main.Look(Million + 1, 1))!.Token.Position);
        Assert.Equal(0, Count(world, "token"));
    }

    private static async Task FillQueue(World world)
    {
        const int AtOnce = 10_000;
        const string Stream = WireNames.QueueStreams + WireNames.MainQueue;
        var head = (await world.Journal.Inner.Load(Stream)).Head;
        for (var ticket = 2; ticket <= Million + 1; ticket += AtOnce)
        {
            await world.Journal.Inner.Append(new()
            {
                Stream = Stream,
                Head = head,
                Events =
                [
                    .. Enumerable.Range(ticket, AtOnce).Select(one => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(
                        new Joined(world.Now, one, $"user{one}", 1), JournalJson.Default.QueueEvent)),
                ],
                At = world.Now.ToDateTimeOffset(),
                Unfinished = true,
            });
            head += AtOnce;
        }
    }

    private static int Count(World world, string kind) => world.Cluster.ServiceProvider
        .GetRequiredService<Orleans.InProcess.Engine>().Directory.All
        .Count(activation => activation.GrainId.Type.ToString() == kind);
}
