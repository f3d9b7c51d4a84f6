using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>Up to when a queue knows who was heard of.</summary>
public class HandOverTests
{
    private static readonly QueuePolicy Policy = Some.QueuePolicy with
    {
        WaitingIdleTimeout = TimeSpan.FromSeconds(60),
        ActiveIdleTimeout = TimeSpan.FromSeconds(30),
    };

    private readonly HandOvers _handOvers = new();

    [Fact]
    public void Where_no_host_answers_all_is_known()
    {
        Assert.Equal(Some.Noon, _handOvers.Horizon(Some.Noon, Policy));
        Take("a", 1, 0);
        Take("a", 2, 250, isLast: true);
        Assert.Equal(At(900), _handOvers.Horizon(At(900), Policy));
    }

    [Fact]
    public void What_the_slowest_host_has_not_told_of_is_not_known()
    {
        Take("a", 1, 100);
        Take("b", 1, 300);
        Assert.Equal(At(99), _handOvers.Horizon(At(900), Policy));
        Take("a", 2, 400);
        Assert.Equal(At(299), _handOvers.Horizon(At(900), Policy));
    }

    [Fact]
    public void A_hand_over_that_was_overtaken_says_nothing()
    {
        Take("a", 1, 0);
        Take("a", 3, 200);
        Take("a", 2, 600, isLast: true);
        Assert.Equal(At(199), _handOvers.Horizon(At(900), Policy));
    }

    [Fact]
    public void What_a_host_says_of_times_to_come_does_not_count()
    {
        _handOvers.Take(new("a", 1, Instant.Epoch, Instant.Never, [], IsLast: false), At(50));
        Assert.Equal(At(49), _handOvers.Horizon(At(900), Policy));
    }

    [Fact]
    public void Of_a_host_that_is_lost_everybody_counts_as_heard_of()
    {
        Take("a", 1, 0);
        for (var look = 1; look <= HandOvers.LooksToLose; look++)
        {
            _handOvers.Look(At(500 * look));
            _handOvers.Look(At((500 * look) + 499));
        }

        Assert.Equal(At(-1), _handOvers.Horizon(At(9_000), Policy));
        _handOvers.Look(At(5_500));
        Assert.Equal(Instant.Epoch, _handOvers.Horizon(At(60_999), Policy));
        Assert.Equal(At(61_000), _handOvers.Horizon(At(61_000), Policy));
    }

    [Fact]
    public void A_leap_of_time_loses_no_host()
    {
        Take("a", 1, 0);
        _handOvers.Look(At(3_600_000));
        _handOvers.Look(At(3_600_000));
        Assert.Equal(At(-1), _handOvers.Horizon(At(3_600_000), Policy));
    }

    [Fact]
    public void Nobody_idles_beyond_what_is_known()
    {
        var queue = new QueueState();
        queue.Apply(new QueueOpened(Some.Noon, "any", Policy with { ActiveTtl = TimeSpan.FromMinutes(5) }), 1);
        queue.Apply(new Joined(Some.Noon, 1, "alice", 1), 2);
        queue.Apply(new Joined(Some.Noon, 2, "bob", 2), 3);
        queue.Apply(new Admitted(Some.Noon, 1, 1, At(300_000)), 4);
        Assert.Empty(Endings.Due(queue, At(70_000), At(29_999)));
        Assert.Equal([1], Tickets(At(70_000), At(30_000)));
        queue.Seen(2, At(40_000));
        Assert.Equal([1], Tickets(At(70_000), At(70_000)));
        queue.Seen(2, At(10_000));
        Assert.Equal([1], Tickets(At(99_999), At(99_999)));
        Assert.Equal([1, 2], Tickets(At(100_000), At(100_000)));

        var ttl = Assert.IsType<Ended>(Assert.Single(Endings.Due(queue, At(300_000), Some.Noon)));
        Assert.Equal((1, EndReason.Ttl), (ttl.Ticket, ttl.Reason));

        queue.Hold(queue.Find(1)!, At(200_000));
        queue.Release(queue.Find(1)!, At(50_000));
        Assert.Empty(Endings.Due(queue, At(60_000), At(49_999)));
        Assert.Equal([1], Tickets(At(60_000), At(50_000)));

        long[] Tickets(Instant now, Instant horizon) => [.. Endings.Due(queue, now, horizon).Cast<Ended>().Select(ended => ended.Ticket)];
    }

    private static Instant At(long milliseconds) => Some.Noon + Some.Ms(milliseconds);

    private void Take(string host, long number, long at, bool isLast = false) =>
        _handOvers.Take(new(host, number, At(at), At(at), [], isLast), At(at));
}
