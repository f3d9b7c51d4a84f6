using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>The board of a queue, and the copies that hosts have of it.</summary>
public class BoardTests
{
    [Fact]
    public void A_board_shows_every_place_as_it_is_counted() => Walk.Each(seeds: 50, steps: 1, random => () =>
    {
        var source = new BoardSource(random);
        for (var step = 0; step < 300; step++)
        {
            source.Pass(random.Next(2_000));
            source.Happen();
        }

        source.Check((ticket, nonce) =>
            source.Board.TryFind(ticket, nonce, source.Now, out var place) ? (place.Status, place.Position) : null);
    });

    [Fact]
    public void A_copy_shows_what_the_board_does_however_it_was_pulled() => Walk.Each(seeds: 100, steps: 1, random => () =>
    {
        var source = new BoardSource(random) { Kept = random.Pick(10, 50, 10_000) };
        var copy = new BoardCopy("host");
        for (var step = 0; step < random.Next(1, 12_000); step++)
        {
            source.Join();
        }

        for (var pull = 0; pull < 5; pull++)
        {
            Pull(copy, source, () =>
            {
                for (var more = random.Next(3); more > 0; more--)
                {
                    source.Happen();
                }
            });
            Pull(copy, source);
            source.Check((ticket, nonce) =>
                copy.Read(ticket, nonce, "", source.Now, isPulled: false, out var standing) == BoardRead.Shown
                    ? (standing.Place.Status, standing.Place.Position)
                    : null);
            for (var step = random.Next(100); step > 0; step--)
            {
                source.Happen();
            }
        }
    });

    [Fact]
    public void A_copy_answers_for_150_ms_and_after_a_pull_for_a_second()
    {
        var (source, copy, ticket, nonce) = Waiting();
        Assert.Equal(BoardRead.Pull, Read(isPulled: true));
        Pull(copy, source);
        source.Pass(150);
        Assert.Equal(BoardRead.Shown, Read(isPulled: false));
        source.Pass(1);
        Assert.Equal(BoardRead.Pull, Read(isPulled: false));
        source.Pass(849);
        Assert.Equal(BoardRead.Shown, Read(isPulled: true));
        source.Pass(1);
        Assert.Equal(BoardRead.Pull, Read(isPulled: true));

        BoardRead Read(bool isPulled) => copy.Read(ticket, nonce, "alice", source.Now, isPulled, out _);
    }

    [Fact]
    public void A_change_through_this_host_is_pulled_before_anybody_is_answered()
    {
        var (source, copy, ticket, nonce) = Waiting();
        Pull(copy, source);
        var ask = copy.Begin(source.Now, isLast: false);
        Assert.True(copy.IsPullingFor(source.Now));
        copy.Changed();
        Assert.False(copy.IsPullingFor(source.Now));
        copy.Fold(ask, source.Answer(ask));
        copy.Complete();
        Assert.Equal(BoardRead.Pull, copy.Read(ticket, nonce, "alice", source.Now, isPulled: false, out _));
        Pull(copy, source);
        Assert.Equal(BoardRead.Shown, copy.Read(ticket, nonce, "alice", source.Now, isPulled: false, out _));
    }

    [Fact]
    public void Whom_the_queue_has_told_something_is_left_to_it_until_a_pull_begun_after()
    {
        var (source, copy, ticket, nonce) = Waiting();
        Pull(copy, source);
        var ask = copy.Begin(source.Now, isLast: false);
        copy.Told("alice", source.Now);
        copy.Fold(ask, source.Answer(ask));
        copy.Complete();
        Assert.Equal(BoardRead.AskQueue, copy.Read(ticket, nonce, "alice", source.Now, isPulled: false, out _));
        Assert.Equal(BoardRead.Shown, copy.Read(ticket, nonce, "bob", source.Now, isPulled: false, out _));
        copy.Begin(source.Now, isLast: false);
        copy.Fail();
        Assert.Equal(BoardRead.AskQueue, copy.Read(ticket, nonce, "alice", source.Now, isPulled: false, out _));
        Pull(copy, source);
        Assert.Equal(BoardRead.Shown, copy.Read(ticket, nonce, "alice", source.Now, isPulled: false, out _));
    }

    [Fact]
    public void An_active_token_past_its_time_is_the_queues_to_answer()
    {
        var (source, copy, ticket, nonce) = Waiting();
        source.Happen(new Admitted(source.Now, ticket, 1, source.Now + Some.Ms(100)));
        Pull(copy, source);
        source.Pass(99);
        Assert.Equal(BoardRead.Shown, copy.Read(ticket, nonce, "alice", source.Now, isPulled: false, out _));
        source.Pass(1);
        Assert.Equal(BoardRead.AskQueue, copy.Read(ticket, nonce, "alice", source.Now, isPulled: false, out _));
    }

    [Fact]
    public void Whom_a_host_has_answered_is_handed_over_once_it_is_known_to_have_arrived()
    {
        var (source, copy, ticket, nonce) = Waiting();
        Pull(copy, source);
        var pulledAt = source.Now;
        source.Pass(120);
        copy.Read(ticket, nonce, "alice", source.Now, isPulled: false, out _);
        source.Pass(100);
        var lost = copy.Begin(source.Now, isLast: false).HandOver!;
        copy.Fail();
        source.Pass(1_000);
        Pull(copy, source);
        var handedOver = source.HandedOver[^1].HandOver;
        Assert.Equal([ticket], handedOver.Seen.SelectMany(block => block.Tickets()));
        Assert.Equal((pulledAt + Some.Ms(120), pulledAt), (handedOver.SeenAt, handedOver.Through));
        Assert.Equal((lost.SeenAt, lost.Number + 1), (handedOver.SeenAt, handedOver.Number));
        Pull(copy, source);
        Assert.Empty(source.HandedOver[^1].HandOver.Seen);
    }

    [Fact]
    public void After_its_last_hand_over_a_host_answers_nobody()
    {
        var (source, copy, ticket, nonce) = Waiting();
        Assert.Null(copy.HandsOverAt);
        Pull(copy, source);
        Assert.Equal(source.Now + BoardCopy.HandOverAfter, copy.HandsOverAt);
        var ask = copy.Begin(source.Now, isLast: true);
        Assert.False(copy.IsPullingFor(source.Now));
        copy.Fold(ask, source.Answer(ask));
        copy.Complete();
        Assert.Null(copy.HandsOverAt);
        Assert.Equal(BoardRead.Pull, copy.Read(ticket, nonce, "alice", source.Now, isPulled: false, out _));
    }

    [Fact]
    public void Once_its_last_hand_over_is_begun_a_host_answers_nobody()
    {
        var (source, copy, ticket, nonce) = Waiting();
        Pull(copy, source);
        source.Pass(250);
        var ask = copy.Begin(source.Now, isLast: true);
        Assert.Equal(BoardRead.Pull, copy.Read(ticket, nonce, "alice", source.Now, isPulled: true, out _));
        copy.Fold(ask, source.Answer(ask));
        copy.Complete();
        Assert.Empty(copy.Begin(source.Now, isLast: false).HandOver!.Seen);
    }

    [Fact]
    public void A_board_stops_at_an_event_it_does_not_know() =>
        Assert.Throws<InvalidOperationException>(() => new QueueBoard().Apply(new Unheard(Some.Noon), 1));

    private static (BoardSource Source, BoardCopy Copy, long Ticket, uint Nonce) Waiting()
    {
        var source = new BoardSource(new Random(1));
        source.Happen(new Joined(source.Now, 1, "alice", 7));
        return (source, new BoardCopy("host"), 1, 7);
    }

    private static void Pull(BoardCopy copy, BoardSource source, Action? meanwhile = null)
    {
        for (var ask = copy.Begin(source.Now, isLast: false); ask is not null;)
        {
            var news = source.Answer(ask);
            meanwhile?.Invoke();
            ask = copy.Fold(ask, news);
        }

        copy.Complete();
    }

    private sealed record Unheard(Instant At) : QueueEvent(At);
}
