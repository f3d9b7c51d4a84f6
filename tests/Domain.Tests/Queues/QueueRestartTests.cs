using OrleansConcert.Domain.Queues;
using static OrleansConcert.Domain.Tests.Queues.QueueScene;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>What a stop and a start keep of a queue, and what they begin anew.</summary>
public class QueueRestartTests
{
    private static readonly QueuePolicy Policy = Some.QueuePolicy with
    {
        AdmitCount = 10,
        AdmitEvery = Some.Ms(1_000),
        MaxActive = 2,
        ActiveTtl = Some.Ms(10_000),
        ActiveIdleTimeout = Some.Ms(3_000),
        WaitingIdleTimeout = Some.Ms(2_000),
    };

    private readonly QueueScene _scene = new(Policy);

    [Fact]
    public void A_queue_that_was_never_opened_has_no_preset() => Assert.Equal("", new QueueState().Preset);

    [Fact]
    public void The_cap_counts_who_was_ACTIVE_before_the_stop()
    {
        _scene.JoinAndAdmit("u1");
        _scene.Join("u2");
        _scene.Join("u3");

        _scene.Restart(1);

        Assert.Equal(1, _scene.Queue.ActiveCount);
        Assert.Equal(1, Assert.IsType<Admitted>(Assert.Single(Admitting.Due(_scene.Queue, At(1), atBoundary: true))).Count);
    }

    [Theory]
    [InlineData(2_999, 0)]
    [InlineData(3_000, 1)]
    [InlineData(3_999, 1)]
    [InlineData(4_000, 2)]
    public void Everybody_counts_as_just_seen(long at, int ended)
    {
        _scene.JoinAndAdmit("u1");
        _scene.Join("u2");

        _scene.Restart(1_000);

        Assert.Equal(ended, _scene.Due(at).Length);
    }

    [Fact]
    public void Who_has_ended_is_not_seen_again()
    {
        _scene.Join("u1");
        _scene.Fold(Queueing.Leave(_scene.Queue, 1, At(5)));

        _scene.Restart(1_000);

        Assert.Equal((At(5), Instant.Never), (_scene.Find(1).EndsAt, _scene.Find(1).IdleAt));
    }

    [Fact]
    public void An_ACTIVE_token_ends_with_its_time_though_nobody_was_touched_since()
    {
        _scene.JoinAndAdmit("u1");

        var restored = QueueState.From(_scene.Queue.ToSnapshot());

        Assert.Equal(At(10_000), QueueScene.NextEndAt(restored));
        Assert.Single(QueueScene.Due(restored, At(10_000)));
    }

    [Fact]
    public void A_pin_is_kept_and_no_pin_is_none()
    {
        _scene.JoinAndAdmit("u1");
        Assert.Null(_scene.Queue.ToSnapshot().Tokens.Single().PinnedUntil);

        _scene.Fold(new Pinned(At(1), 1, At(15_000)));
        _scene.Restart(1);

        Assert.Equal(At(15_000), _scene.Queue.ToSnapshot().Tokens.Single().PinnedUntil);
        Assert.Equal((At(15_000), At(15_000)), (_scene.Find(1).PinnedUntil, _scene.Find(1).EndsAt));
    }

    [Fact]
    public void Tokens_are_told_by_ticket()
    {
        _scene.JoinAndAdmit("u1");
        _scene.Join("u2");
        _scene.Join("u3");
        _scene.Fold(Queueing.Leave(_scene.Queue, 2, At(0)));

        Assert.Equal([1, 2, 3], _scene.Queue.Tokens().Select(token => token.Ticket));
    }

    [Fact]
    public void An_end_lets_go_of_who_ended_a_day_before()
    {
        _scene.Join("u1");
        _scene.Join("u2");
        _scene.Fold(Queueing.Leave(_scene.Queue, 1, At(0)));

        _scene.Fold(new Ended(At(0) + TimeSpan.FromDays(1), 2, "u2", TokenStatus.Expired, EndReason.Idle));

        Assert.Null(_scene.Queue.Find(1));
        Assert.Equal(2, Assert.Single(_scene.Queue.ToSnapshot().Tokens).Ticket);
    }

    [Theory]
    [InlineData(TokenStatus.Waiting)]
    [InlineData(TokenStatus.Active)]
    public void What_is_no_end_is_not_counted_as_one(TokenStatus status) => Assert.StartsWith(
        "not an end",
        Assert.Throws<ArgumentOutOfRangeException>(() => new QueueTotals().With(status, 1)).Message,
        StringComparison.Ordinal);
}
