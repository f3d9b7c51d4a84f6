using OrleansConcert.Domain.Queues;
using static OrleansConcert.Domain.Tests.Queues.QueueScene;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>Permits and pins, each comparison one millisecond before, at, and after.</summary>
public class PermitTests
{
    private static readonly TimeSpan HoldTtl = Some.Ms(5_000);

    private static readonly QueuePolicy Policy = Some.QueuePolicy with
    {
        AdmitCount = 10,
        AdmitEvery = Some.Ms(1_000),
        ActiveTtl = Some.Ms(60_000),
        ActiveIdleTimeout = null,
        WaitingIdleTimeout = null,
    };

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_permit_is_journaled_where_idleness_could_come_first(long around, bool journaled)
    {
        var scene = new QueueScene(Policy with { ActiveIdleTimeout = HoldTtl + Some.Ms(around) });
        scene.JoinAndAdmit("u1");

        Assert.Equal(journaled, !Queueing.Permit(scene.Queue, 1, HoldTtl, At(0)).Events.IsEmpty);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void A_pin_that_lasts_as_long_is_not_journaled_again(long around, bool journaled)
    {
        var scene = new QueueScene(Policy with { ActiveIdleTimeout = Some.Ms(1_000) });
        scene.JoinAndAdmit("u1");
        scene.Fold(Queueing.Permit(scene.Queue, 1, HoldTtl, At(0)));

        var again = Queueing.Permit(scene.Queue, 1, HoldTtl + Some.Ms(around), At(0));

        Assert.Equal(journaled, !again.Events.IsEmpty);
        Assert.Equal(journaled ? 0 : scene.Find(1).ChangedAt, again.Shows);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void Only_a_pin_that_still_lasts_is_taken_away(long around, bool taken)
    {
        var scene = new QueueScene(Policy with { ActiveIdleTimeout = Some.Ms(1_000) });
        scene.JoinAndAdmit("u1");
        scene.Fold(Queueing.Permit(scene.Queue, 1, HoldTtl, At(0)));

        var unpinned = Queueing.Unpin(scene.Queue, 1, scene.Find(1).PinnedUntil + Some.Ms(around));

        Assert.Equal((null, taken ? 1 : 0, 0), (unpinned.Refused, unpinned.Events.Length, unpinned.Shows));
    }

    [Fact]
    public void A_refusal_past_the_end_of_its_time_says_when_and_why_it_ended()
    {
        var scene = new QueueScene(Policy);
        scene.JoinAndAdmit("u1");
        scene.Fold(new Pinned(At(0), 1, At(90_000)));

        var decision = Queueing.Permit(scene.Queue, 1, HoldTtl, At(60_000));

        var refused = Assert.IsType<QueueRefused>(decision.Refused);
        Assert.Equal(
            (QueueRefusal.TokenEnded, TokenStatus.Active, EndReason.Ttl, At(60_000)),
            (refused.Reason, refused.TokenStatus, refused.EndReason, refused.EndedAt));
        Assert.Equal((null, scene.Find(1).ChangedAt), (refused.Position, decision.Shows));
    }

    [Fact]
    public void A_refusal_of_one_who_waits_speaks_of_no_end()
    {
        var scene = new QueueScene(Policy);
        scene.Join("u1");

        var refused = Assert.IsType<QueueRefused>(Queueing.Permit(scene.Queue, 1, HoldTtl, At(0)).Refused);

        Assert.Equal(
            (QueueRefusal.TokenNotActive, TokenStatus.Waiting, 1, null, null),
            (refused.Reason, refused.TokenStatus, refused.Position, refused.EndReason, refused.EndedAt));
    }

    [Fact]
    public void A_refusal_of_one_who_left_says_so()
    {
        var scene = new QueueScene(Policy);
        scene.JoinAndAdmit("u1");
        scene.Fold(Queueing.Leave(scene.Queue, 1, At(3)));

        var refused = Assert.IsType<QueueRefused>(Queueing.Permit(scene.Queue, 1, HoldTtl, At(4)).Refused);

        Assert.Equal(
            (QueueRefusal.TokenEnded, TokenStatus.Cancelled, EndReason.Left, At(3)),
            (refused.Reason, refused.TokenStatus, refused.EndReason, refused.EndedAt));
    }

    [Fact]
    public void A_shorter_idle_timeout_pins_who_is_ACTIVE_for_as_long_as_they_could_idle_before()
    {
        var scene = new QueueScene(Policy with { ActiveIdleTimeout = Some.Ms(4_000) });
        scene.JoinAndAdmit("u1");
        scene.JoinAndAdmit("u2");
        scene.JoinAndAdmit("u3");
        scene.Join("u4");
        scene.Fold(new Pinned(At(0), 2, At(6_100)));
        scene.Fold(new Pinned(At(0), 3, At(6_099)));
        var sooner = Policy with { ActiveIdleTimeout = Some.Ms(1_000) };

        var decision = Managing.Put(scene.Queue, "standard", sooner, At(100));

        Assert.Equal(
            [new PolicyChanged(At(100), "standard", sooner), new Pinned(At(100), 1, At(6_100)), new Pinned(At(100), 3, At(6_100))],
            decision.Events.ToArray());
    }

    [Theory]
    [InlineData(4_000)]
    [InlineData(4_001)]
    [InlineData(null)]
    public void An_idle_timeout_that_comes_no_sooner_pins_nobody(int? idle)
    {
        var scene = new QueueScene(Policy with { ActiveIdleTimeout = Some.Ms(4_000) });
        scene.JoinAndAdmit("u1");

        var policy = Policy with { ActiveIdleTimeout = idle is { } span ? Some.Ms(span) : null, MaxActive = 9 };

        Assert.Equal(
            [new PolicyChanged(At(100), "standard", policy)], Managing.Put(scene.Queue, "standard", policy, At(100)).Events.ToArray());
    }

    [Fact]
    public void The_first_idle_timeout_pins_to_the_end_of_the_time()
    {
        var scene = new QueueScene(Policy);
        scene.JoinAndAdmit("u1");

        var decision = Managing.Put(scene.Queue, "standard", Policy with { ActiveIdleTimeout = Some.Ms(1_000) }, At(100));

        Assert.Equal(new Pinned(At(100), 1, At(60_000)), decision.Events[1]);
    }

    [Fact]
    public void A_queue_is_there_once_it_was_opened()
    {
        var scene = new QueueScene(Policy);

        Assert.Equal(QueueRefusal.QueueNotFound, Assert.IsType<QueueRefused>(Managing.Get(new()).Refused).Reason);
        var there = Managing.Get(scene.Queue);
        Assert.Equal((null, 0, 1), (there.Refused, there.Events.Length, there.Shows));
    }
}
