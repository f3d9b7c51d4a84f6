using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>Each deadline of a queue one millisecond before, at, and one after.</summary>
public class QueueDeadlineTests
{
    private static readonly QueuePolicy Policy = Some.QueuePolicy with
    {
        AdmitCount = 1,
        AdmitEvery = Some.Ms(1_000),
        ActiveTtl = Some.Ms(10_000),
        ActiveIdleTimeout = null,
        WaitingIdleTimeout = null,
    };

    private readonly QueueState _queue = new();
    private long _version;

    [Fact]
    public void A_token_with_two_alarms_at_one_instant_ends_once()
    {
        OpenWith(Policy with { WaitingIdleTimeout = Some.Ms(3_000) });
        Join("u1", 0);
        Fold(new PolicyChanged(Some.Noon, "standard", Policy with { WaitingIdleTimeout = Some.Ms(1_000) }));
        _queue.Touch(Find(1), At(500));
        Fold(new PolicyChanged(At(500), "standard", Policy with { WaitingIdleTimeout = Some.Ms(2_000) }));
        _queue.Touch(Find(1), At(1_000));
        Assert.Empty(QueueScene.Due(_queue, At(1_500)));

        Assert.Single(QueueScene.Due(_queue, At(3_000)));
    }

    [Fact]
    public void Endings_come_by_their_instants_whatever_alarms_were_set_before()
    {
        OpenWith(Policy with { WaitingIdleTimeout = Some.Ms(1_000) });
        Join("u1", 0);
        Join("u2", 10);
        _queue.Touch(Find(1), At(500));

        var due = QueueScene.Due(_queue, At(2_000));

        Assert.Equal([2, 1], due.Cast<Ended>().Select(ended => ended.Ticket));
        Assert.Equal(due.ToArray(), QueueScene.Due(_queue, At(2_000)).ToArray());
    }

    [Fact]
    public void Endings_of_one_instant_come_in_ticket_order()
    {
        OpenWith(Policy with { WaitingIdleTimeout = Some.Ms(1_000) });
        for (var user = 1; user <= 50; user++)
        {
            Join($"u{user}", 0);
        }

        Assert.Equal(Enumerable.Range(1, 50).Select(ticket => (long)ticket), Due(1_000).Select(ended => ended.Ticket));
        Assert.Equal(Enumerable.Range(1, 50).Select(ticket => (long)ticket), Due(1_000).Select(ended => ended.Ticket));
    }

    [Fact]
    public void A_token_that_never_ends_leaves_no_alarm_behind()
    {
        OpenWith(Policy with { WaitingIdleTimeout = Some.Ms(1_000) });
        Join("u1", 0);
        Fold(new PolicyChanged(At(1), "standard", Policy));
        _queue.Touch(Find(1), At(1));

        Assert.Empty(QueueScene.Due(_queue, At(1_000)));
        Assert.Empty(QueueScene.Due(_queue, Instant.Never));
    }

    [Fact]
    public void A_token_that_a_late_payment_made_done_is_known_for_a_day_from_then()
    {
        OpenWith(Policy);
        JoinAndAdmit("u1");
        Fold(Due(10_000).Single());
        Fold(Queueing.Complete(_queue, 1, "pay", At(40_000)));
        var restored = QueueState.From(_queue.ToSnapshot());

        var oneDayAfterFirstEnd = 10_000 + (long)TimeSpan.FromDays(1).TotalMilliseconds;
        var next = new Joined(At(oneDayAfterFirstEnd), 2, "u2", 0);
        Fold(next);
        restored.Apply(next, _version);

        Assert.Equal(TokenStatus.Done, Queueing.Known(_queue, 1, next.At)?.Status);
        Assert.Equal(Some.Json(_queue.ToSnapshot()), Some.Json(restored.ToSnapshot()));
    }

    [Fact]
    public void A_completion_twice_in_one_instant_is_forgotten_like_any_other()
    {
        OpenWith(Policy);
        JoinAndAdmit("u1");
        Fold(Due(10_000).Single());
        Fold(Queueing.Complete(_queue, 1, "pay", At(10_000)));
        Assert.Single(_queue.ToSnapshot().Tokens);

        Fold(new Joined(At(10_000) + TimeSpan.FromDays(1), 2, "u2", 0));

        Assert.Null(_queue.Find(1));
        Assert.Equal([2], _queue.ToSnapshot().Tokens.Select(token => token.Ticket));
    }

    [Fact]
    public void A_payment_that_comes_a_day_after_the_end_finds_no_token()
    {
        OpenWith(Policy);
        JoinAndAdmit("u1");
        Fold(Due(10_000).Single());
        var known = At(10_000) + TimeSpan.FromDays(1);

        Assert.Single(Queueing.Complete(_queue, 1, "pay", known - Some.Ms(1)).Events);
        Assert.Empty(Queueing.Complete(_queue, 1, "pay", known).Events);
    }

    [Fact]
    public void A_shorter_hold_takes_nothing_from_a_longer_one()
    {
        OpenWith(Policy);
        JoinAndAdmit("u1");
        _queue.Hold(Find(1), At(20_000));
        _queue.Hold(Find(1), At(15_000));

        Assert.Equal(At(20_000), Find(1).EndsAt);
    }

    [Fact]
    public void A_refusal_of_a_waiting_token_says_where_it_stands()
    {
        OpenWith(Policy);
        Join("u1", 0);
        Join("u2", 0);
        Join("u3", 0);
        Fold(Queueing.Leave(_queue, 1, At(0)));

        var refused = Assert.IsType<QueueRefused>(Queueing.Permit(_queue, 3, Some.Ms(1_000), At(0)).Refused);

        Assert.Equal((QueueRefusal.TokenNotActive, 2), (refused.Reason, refused.Position));
    }

    [Fact]
    public void An_interval_with_parts_of_a_millisecond_counts_in_whole_ones()
    {
        var every = TimeSpan.FromMilliseconds(100.5);
        var window = AdmissionWindow.StartingAt(At(0)).After(every, At(0), 1);

        Assert.Equal(At(0), window.StartAt(every, At(99)));
        Assert.Equal(At(100), window.StartAt(every, At(100)));
        Assert.Equal(0, window.UsedAt(every, At(100)));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void An_active_token_ends_with_its_time(long around, bool over)
    {
        OpenWith(Policy);
        JoinAndAdmit("u1");

        Assert.Equal(At(10_000), QueueScene.NextEndAt(_queue));
        Assert.Equal(over ? [EndReason.Ttl] : [], Due(10_000 + around).Select(ended => ended.Reason));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void A_silent_token_ends_when_idle_waiting_or_active(long around, bool over)
    {
        OpenWith(Policy with { ActiveIdleTimeout = Some.Ms(3_000), WaitingIdleTimeout = Some.Ms(2_000) });
        Join("u1", 0);
        Assert.Equal(over ? [EndReason.Idle] : [], Due(2_000 + around).Select(ended => ended.Reason));

        Fold(Admitting.Due(_queue, At(1_000), atBoundary: true).Single());
        Assert.Equal(over ? [EndReason.Idle] : [], Due(4_000 + around).Select(ended => ended.Reason));

        _queue.Touch(Find(1), At(2_000));
        Assert.Equal(over ? [EndReason.Idle] : [], Due(5_000 + around).Select(ended => ended.Reason));
    }

    [Fact]
    public void A_token_idle_at_the_very_end_of_its_time_ends_by_its_time()
    {
        OpenWith(Policy with { ActiveIdleTimeout = Policy.ActiveTtl });
        JoinAndAdmit("u1");

        Assert.Equal(EndReason.Ttl, Due(10_000).Single().Reason);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void A_pinned_token_ends_with_its_pin_and_not_before(long around, bool over)
    {
        OpenWith(Policy);
        JoinAndAdmit("u1");
        Fold(Queueing.Permit(_queue, 1, Some.Ms(5_000), At(9_000)));

        Assert.Equal(At(16_000), Find(1).EndsAt);
        Assert.Equal(over ? [EndReason.Ttl] : [], Due(16_000 + around).Select(ended => ended.Reason));
        Assert.Equal(At(10_000), Find(1).ExpiresAt);

        Fold(Queueing.Unpin(_queue, 1, At(12_000)));
        Assert.Equal([1], Due(12_000).Select(ended => ended.Ticket));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void A_permit_needs_time_ahead_though_a_pin_carries_further(long around, bool permitted)
    {
        OpenWith(Policy);
        JoinAndAdmit("u1");
        Fold(Queueing.Permit(_queue, 1, Some.Ms(5_000), At(9_000)));

        Assert.Equal(permitted, Queueing.Permit(_queue, 1, Some.Ms(1_000), At(10_000 + around)).Refused is null);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void A_permit_is_journaled_where_the_token_could_end_first(long around, bool journaled)
    {
        OpenWith(Policy);
        JoinAndAdmit("u1");
        var ttl = Policy.ActiveTtl - Queueing.PermitSlack + Some.Ms(around);

        Assert.Equal(journaled, !Queueing.Permit(_queue, 1, ttl, At(0)).Events.IsEmpty);
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public void An_ended_token_is_known_for_a_day(long around, bool known)
    {
        OpenWith(Policy);
        Join("u1", 0);
        Fold(Queueing.Leave(_queue, 1, At(5)));
        var then = At(5) + TimeSpan.FromHours(24) + Some.Ms(around);

        Assert.Equal(known, Queueing.Known(_queue, 1, then) is not null);
        Fold(new Joined(then, 2, "u2", 0));
        Assert.Equal(known, _queue.Find(1) is not null);
        Assert.Equal(known, _queue.ToSnapshot().Tokens.Any(token => token.Ticket == 1));
    }

    [Theory]
    [InlineData(999, 1, 1_000)]
    [InlineData(1_000, 0, 2_000)]
    [InlineData(1_001, 0, 2_000)]
    [InlineData(1_999, 0, 2_000)]
    [InlineData(2_000, 0, 3_000)]
    public void An_interval_has_a_budget_of_its_own(long now, int used, long next)
    {
        OpenWith(Policy);
        JoinAndAdmit("u1");
        Join("u2", 0);

        Assert.Equal(used == 0, !Admitting.Due(_queue, At(now), atBoundary: true).IsEmpty);
        Assert.Equal(At(next), Admitting.NextAt(_queue, At(now)));
        Assert.Equal(At(next - 1_000), Admitting.IntervalOf(_queue, At(now)));
    }

    [Fact]
    public void Another_interval_starts_at_the_change_and_what_is_used_still_counts()
    {
        OpenWith(Policy with { AdmitCount = 2 });
        JoinAndAdmit("u1");
        Join("u2", 0);
        Join("u3", 0);
        Fold(new PolicyChanged(At(500), "standard", Policy with { AdmitCount = 2, AdmitEvery = Some.Ms(700) }));

        Assert.Equal(At(1_200), Admitting.NextAt(_queue, At(500)));
        Assert.Equal(1, Assert.IsType<Admitted>(Assert.Single(Admitting.Due(_queue, At(1_199), true))).Count);
        Assert.Equal(2, Assert.IsType<Admitted>(Assert.Single(Admitting.Due(_queue, At(1_200), true))).Count);
    }

    [Fact]
    public void A_changed_policy_moves_no_deadline_already_set()
    {
        OpenWith(Policy with { ActiveIdleTimeout = Some.Ms(4_000) });
        JoinAndAdmit("u1");
        Fold(new PolicyChanged(At(1), "standard", Policy with { ActiveTtl = Some.Ms(1_000), ActiveIdleTimeout = Some.Ms(1_000) }));

        Assert.Equal((At(10_000), At(4_000)), (Find(1).ExpiresAt, Find(1).EndsAt));
    }

    [Fact]
    public void An_interval_before_the_first_is_the_first()
    {
        var window = AdmissionWindow.StartingAt(At(0));
        Assert.Equal(At(0), window.StartAt(Some.Ms(1_000), At(-5)));
        Assert.Equal(At(0), window.StartAt(Some.Ms(1_000), At(-5_005)));
    }

    private void OpenWith(QueuePolicy policy) => Fold(new QueueOpened(Some.Noon, "standard", policy));

    private void Join(string user, long at) => Fold(Queueing.Join(_queue, user, 0, 7, At(at)));

    private void JoinAndAdmit(string user)
    {
        Join(user, 0);
        Fold(Admitting.Due(_queue, At(0), atBoundary: true).Single());
    }

    private Token Find(long ticket) => _queue.Find(ticket)!;

    private static Instant At(long milliseconds) => Some.Noon + Some.Ms(milliseconds);

    private IEnumerable<Ended> Due(long at) => QueueScene.Due(_queue, At(at)).Cast<Ended>();

    private void Fold(Decision<QueueEvent> decision)
    {
        Assert.Null(decision.Refused);
        foreach (var happened in decision.Events)
        {
            Fold(happened);
        }
    }

    private void Fold(QueueEvent happened) => _queue.Apply(happened, ++_version);
}
