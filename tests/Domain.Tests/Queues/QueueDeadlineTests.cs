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
        Assert.Empty(Endings.Due(_queue, At(1_500)));

        Assert.Single(Endings.Due(_queue, At(3_000)));
    }

    [Fact]
    public void Endings_come_by_their_instants_whatever_alarms_were_set_before()
    {
        OpenWith(Policy with { WaitingIdleTimeout = Some.Ms(1_000) });
        Join("u1", 0);
        Join("u2", 10);
        _queue.Touch(Find(1), At(500));

        var due = Endings.Due(_queue, At(2_000));

        Assert.Equal([2, 1], due.Cast<Ended>().Select(ended => ended.Ticket));
        Assert.Equal(due.ToArray(), Endings.Due(_queue, At(2_000)).ToArray());
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

        Assert.Empty(Endings.Due(_queue, At(1_000)));
        Assert.Empty(Endings.Due(_queue, Instant.Never));
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
        Assert.Single(_queue.ToSnapshot().EndedInOrder);

        Fold(new Joined(At(10_000) + TimeSpan.FromDays(1), 2, "u2", 0));

        Assert.Null(_queue.Find(1));
        Assert.Empty(_queue.ToSnapshot().EndedInOrder);
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

    private void OpenWith(QueuePolicy policy) => Fold(new QueueOpened(Some.Noon, "standard", policy));

    private void Join(string user, long at) => Fold(Queueing.Join(_queue, user, 7, At(at)));

    private void JoinAndAdmit(string user)
    {
        Join(user, 0);
        Fold(Admitting.Due(_queue, At(0), atBoundary: true).Single());
    }

    private Token Find(long ticket) => _queue.Find(ticket)!;

    private static Instant At(long milliseconds) => Some.Noon + Some.Ms(milliseconds);

    private IEnumerable<Ended> Due(long at) => Endings.Due(_queue, At(at)).Cast<Ended>();

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
