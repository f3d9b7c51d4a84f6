using OrleansConcert.Domain.Queues;
using static OrleansConcert.Domain.Tests.Queues.QueueScene;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>What is done at once where very many wait.</summary>
public class CrowdTests
{
    private static readonly QueuePolicy Policy = Some.QueuePolicy with
    {
        AdmitCount = null,
        MaxActive = null,
        ActiveTtl = Some.Ms(10_000),
        ActiveIdleTimeout = null,
        WaitingIdleTimeout = Some.Ms(2_000),
    };

    private readonly QueueScene _scene = new(Policy);

    [Fact]
    public void Of_very_many_endings_the_first_come_at_once_and_the_others_after_them()
    {
        Joins(2_500);
        var ended = new List<long>();
        for (var turn = 0; turn < 3; turn++)
        {
            Assert.True(QueueScene.NextEndAt(_scene.Queue) <= At(2_000), "more are due");
            var due = _scene.Due(2_000);
            Assert.Equal(due.Select(end => end.Ticket), _scene.Due(2_000).Select(end => end.Ticket));
            Assert.InRange(due.Length, 1, Endings.AtOnce);
            ended.AddRange(due.Select(end => end.Ticket));
            Array.ForEach(due, _scene.Fold);
            Endings.Folded(_scene.Queue, At(2_000), At(2_000));
        }

        Assert.Equal(Enumerable.Range(1, 2_500).Select(ticket => (long)ticket), ended);
        Assert.Equal(Instant.Never, QueueScene.NextEndAt(_scene.Queue));
    }

    [Theory]
    [InlineData(1_999, false)]
    [InlineData(2_000, true)]
    public void A_token_that_is_asked_for_ends_at_its_instant_however_many_are_before_it(long at, bool over)
    {
        Joins(2_500);

        var due = QueueScene.Due(_scene.Queue, At(at), _scene.Find(2_400)).Cast<Ended>().ToArray();

        Assert.Equal(over ? 1 : 0, due.Count(end => end.Ticket == 2_400));
    }

    [Fact]
    public void A_token_that_is_asked_for_ends_once()
    {
        Joins(10);

        Assert.Equal(10, QueueScene.Due(_scene.Queue, At(2_000), _scene.Find(5)).Length);
        Assert.Equal(10, QueueScene.Due(_scene.Queue, At(2_000), _scene.Find(10)).Length);
    }

    [Fact]
    public void Looking_in_vain_for_a_crowd_that_was_heard_of_is_done_in_parts_and_ends()
    {
        Joins(40 * 1_024);
        for (var ticket = 1L; ticket <= 40 * 1_024; ticket++)
        {
            _scene.Queue.Seen(ticket, At(1_500));
        }

        var turns = 0;
        for (; QueueScene.NextEndAt(_scene.Queue) <= At(2_000); turns++)
        {
            Assert.Empty(_scene.Due(2_000));
            Endings.Folded(_scene.Queue, At(2_000), At(2_000));
        }

        Assert.Equal(3, turns);
        Assert.Equal(At(3_500), QueueScene.NextEndAt(_scene.Queue));
    }

    [Fact]
    public void A_token_whose_time_is_over_ends_however_many_may_have_been_heard_of()
    {
        _scene.JoinAndAdmit("u1");
        for (var user = 2; user <= 40 * 1_024; user++)
        {
            _scene.Join($"u{user}");
        }

        for (var ticket = 2L; ticket <= 1_024; ticket++)
        {
            _scene.Queue.Seen(ticket, At(500));
        }

        Endings.Folded(_scene.Queue, At(2_000), At(1_999));
        var due = Endings.Due(_scene.Queue, At(10_000), At(1_999)).Cast<Ended>();

        Assert.Equal((1, EndReason.Ttl), due.Select(end => (end.Ticket, end.Reason)).Single());
    }

    [Fact]
    public void A_crowd_that_may_have_been_heard_of_is_looked_at_by_nobody_but_the_list_of_them()
    {
        Joins(40 * 1_024);
        Endings.Folded(_scene.Queue, At(2_000), At(1_999));

        Assert.Empty(Endings.Due(_scene.Queue, At(2_000), At(1_999)));
        Assert.Equal((Instant.Never, At(2_000)), (Endings.NextTimeOverAt(_scene.Queue), Endings.NextIdleAt(_scene.Queue)));
        Assert.Equal(40 * 1_024, Endings.Doubtful(_scene.Queue, At(2_000)).Sum(block => block.Tickets().Count()));
        Assert.Empty(Endings.Doubtful(_scene.Queue, At(1_999)));
    }

    [Fact]
    public void The_list_of_a_crowd_that_may_have_been_heard_of_takes_a_few_bits_a_ticket()
    {
        Joins(40 * 1_024);
        Endings.Doubtful(_scene.Queue, At(1_999));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Endings.Doubtful(_scene.Queue, At(2_000));

        Assert.InRange(8 * (GC.GetAllocatedBytesForCurrentThread() - before), 1, 4 * 40 * 1_024);
    }

    [Fact]
    public void Who_was_heard_of_is_taken_from_the_list_and_looked_for_no_more()
    {
        Joins(40 * 1_024);
        for (var ticket = 1L; ticket <= 40 * 1_024; ticket++)
        {
            _scene.Queue.Seen(ticket, At(1_500));
        }

        Assert.Empty(Endings.Doubtful(_scene.Queue, At(2_000)));
        Assert.Equal(At(3_500), Endings.NextIdleAt(_scene.Queue));
    }

    /// <summary>
    /// One host that pulls every 150 ms and answers some in between, and a queue that sweeps until there is nothing left to sweep.
    /// </summary>
    [Fact]
    public void Of_a_crowd_nobody_idles_early_or_later_than_two_pulls_after() => Walk.Each(seeds: 20, steps: 1, random => () =>
    {
        var count = random.Next(1, 12_000);
        var heardAt = new long[count + 1];
        var (scene, handOvers, copy) = (Joined(heardAt), new HandOvers(), new BoardCopy("a"));
        var queue = scene.Queue;
        var (board, events, version) = (QueueBoard.Of(queue, count + 1, At(0)), new List<QueueEvent>(), count + 1L);
        var endedAt = new long[count + 1];
        for (var at = 1_000L; at <= 6_000; at += 50)
        {
            var now = At(at);
            if (at % 150 == 0)
            {
                Pull(at);
            }

            for (var poll = random.Next(200); poll > 0 && at < 3_000; poll--)
            {
                var ticket = random.Next(1, count + 1);
                if (copy.Read(ticket, 7, $"u{ticket}", now, isPulled: false, out _) == BoardRead.Shown)
                {
                    Assert.Equal(0, endedAt[ticket]);
                    heardAt[ticket] = at;
                }
            }

            Sweep(at);
        }

        AreInTime(heardAt, endedAt);

        void Pull(long at)
        {
            var ask = copy.Begin(At(at), isLast: false);
            foreach (var ticket in ask.HandOver!.Seen.SelectMany(block => block.Tickets()))
            {
                queue.Seen(ticket, Instant.Min(ask.HandOver.SeenAt, At(at)));
            }

            handOvers.Take(ask.HandOver, At(at));
            Sweep(at);
            var whole = ask.Version == 0 ? board.ToWhole() : null;
            var places = whole is null ? [] : board.PlacesFrom(0, 100);
            copy.Fold(ask, new(At(at), [.. events], whole, places, Endings.Doubtful(queue, At(at)), IsMore: false));
            copy.Complete();
            events.Clear();
        }

        void Sweep(long at)
        {
            var (now, horizon, turns) = (At(at), handOvers.Horizon(At(at), Policy), 0);
            for (; turns == 0 || Endings.NextTimeOverAt(queue) <= now || Endings.NextIdleAt(queue) <= horizon; turns++)
            {
                foreach (var ended in Endings.Due(queue, now, horizon).Cast<Ended>())
                {
                    scene.Fold(ended);
                    board.Apply(ended, ++version);
                    events.Add(ended);
                    endedAt[ended.Ticket] = at;
                }

                Endings.Folded(queue, now, horizon);
            }

            Assert.InRange(turns, 1, 2 + (count / Endings.AtOnce));
        }
    });

    [Fact]
    public void Who_was_seen_later_is_not_seen_earlier()
    {
        Joins(1);
        _scene.Queue.Seen(1, At(900));
        _scene.Queue.Seen(1, At(800));

        Assert.Equal(At(2_900), _scene.Find(1).EndsAt);
        Assert.Empty(_scene.Due(2_899));
        Assert.Single(_scene.Due(2_900));
    }

    [Fact]
    public void Who_has_ended_or_was_never_there_is_not_seen()
    {
        Joins(1);
        _scene.Fold(Queueing.Leave(_scene.Queue, 1, At(5)));
        _scene.Queue.Seen(1, At(900));
        _scene.Queue.Seen(2, At(900));
        _scene.Queue.Seen(0, At(900));

        Assert.Equal(At(5), _scene.Find(1).EndsAt);
        Assert.Empty(_scene.Due(5_000));
    }

    [Fact]
    public void Very_many_are_admitted_in_parts_in_their_order()
    {
        Joins(25_000);
        var counts = new List<int>();
        while (Admitting.Due(_scene.Queue, At(1), atBoundary: true) is [Admitted admitted])
        {
            Assert.Equal(_scene.Queue.Line.FromFront().ElementAt(admitted.Count - 1), admitted.Through);
            counts.Add(admitted.Count);
            _scene.Fold(admitted);
        }

        Assert.Equal([10_000, 10_000, 5_000], counts);
        Assert.Equal((0, 25_000), (Admitting.Room(_scene.Queue, At(1), atBoundary: true), _scene.Queue.ActiveCount));
    }

    [Fact]
    public void A_place_is_found_by_its_user_however_many_there_are()
    {
        Joins(5_000);
        _scene.Fold(Queueing.Leave(_scene.Queue, 1_025, At(5)));

        Assert.Null(_scene.Queue.LiveOf("u1025"));
        Assert.Equal(1_026, _scene.Queue.LiveOf("u1026")?.Ticket);
        Assert.Equal("u4999", _scene.Find(4_999).UserId);
        Assert.Null(_scene.Queue.LiveOf("u0"));
    }

    [Fact]
    public void Blocks_of_forgotten_tokens_are_let_go_and_the_others_stay()
    {
        Joins(3_000);
        for (var ticket = 1L; ticket <= 3_000; ticket++)
        {
            if (ticket is not (1_500 or 3_000))
            {
                _scene.Fold(Queueing.Leave(_scene.Queue, ticket, At(5)));
            }
        }

        _scene.Fold(Queueing.Leave(_scene.Queue, 3_000, At(5) + TimeSpan.FromDays(1)));

        Assert.Equal([1_500, 3_000], _scene.Queue.Tokens().Select(token => token.Ticket));
        Assert.Equal(2, _scene.Queue.KnownCount);
        Assert.Null(_scene.Queue.Find(1));
        Assert.Null(_scene.Queue.Find(-1));
        _scene.Join("again");
        Assert.Equal(3_001, _scene.Queue.LiveOf("again")?.Ticket);
    }

    private void Joins(int count)
    {
        for (var user = 1; user <= count; user++)
        {
            _scene.Join($"u{user}");
        }
    }

    /// <summary>A crowd that joins within a second, the instants of which are put down.</summary>
    private static QueueScene Joined(long[] at)
    {
        var scene = new QueueScene(Policy);
        for (var user = 1; user < at.Length; user++)
        {
            at[user] = user * 1_000L / at.Length;
            scene.Join($"u{user}", at[user]);
        }

        return scene;
    }

    private static void AreInTime(long[] heardAt, long[] endedAt)
    {
        for (var ticket = 1; ticket < heardAt.Length; ticket++)
        {
            var late = endedAt[ticket] - heardAt[ticket] - 2_000;
            Assert.True(late is >= 0 and <= 520, $"{ticket}: heard of at {heardAt[ticket]}, ended at {endedAt[ticket]}");
        }
    }
}
