using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Grains;

/// <summary>What a queue shows: its board, pulled by every host, and the answers it gives itself.</summary>
public sealed partial class WaitingQueueGrain
{
    /// <summary>What one answer to a pull holds at the most: no turn is long.</summary>
    private const int EventsAtOnce = 1 << 14;
    private const int BlocksAtOnce = 16;

    private readonly RecentEvents _recent = new();
    private readonly HandOvers _handOvers = new();
    private readonly AdmissionRate _rate = new();
    private QueueBoard _board = new();

    /// <summary>The last version that came about by the clock.</summary>
    private long _advanced;

    public async Task<BoardNews> Board(BoardAsk ask)
    {
        var now = Now;
        if (State.Policy is not null)
        {
            Take(ask.HandOver, now);
            Advance();
        }

        // What the clock has brought about by now is shown from now on, whoever asks first.
        await Flush();
        await WhenDurable(_advanced);
        LeaveIfNobody();
        var doubtful = ask.HandOver is null ? [] : Endings.Doubtful(State, Now);
        var news = new BoardNews(now, [], null, [], doubtful, IsMore: true);
        if (ask.PlacesFrom is { } block)
        {
            return news with { Places = _board.PlacesFrom(block, BlocksAtOnce) };
        }

        if (ask.Version > 0 && _recent.Cover(ask.Version))
        {
            var events = _recent.After(ask.Version, EventsAtOnce);
            return news with { Events = events, IsMore = events.Length == EventsAtOnce };
        }

        var whole = _board.ToWhole();
        return news with { Whole = whole, IsMore = !whole.Waiting.IsEmpty };
    }

    protected override void OnDurable(QueueEvent happened, long version)
    {
        _board.Apply(happened, version);
        _recent.Add(happened, version);
        if (happened is Admitted admitted)
        {
            _rate.Record(admitted.At, admitted.Count);
        }

        base.OnDurable(happened, version);
    }

    private void StartBoard()
    {
        _board = QueueBoard.Of(State, Version, Now);
        _recent.Start(Version);
    }

    /// <summary>Before anything idle is ended: whom a host has answered was not idle.</summary>
    private void Take(HandOver? handOver, Instant now)
    {
        if (handOver is null)
        {
            return;
        }

        foreach (var ticket in handOver.Seen.SelectMany(block => block.Tickets()))
        {
            State.Seen(ticket, Instant.Min(handOver.SeenAt, now));
        }

        _handOvers.Take(handOver, now);
    }

    /// <summary>The token as its owner sees it in an answer that is told only when what was decided is durable.</summary>
    private TokenView View(Token token, string text, Instant now) =>
        View(State.Line, QueueBoard.OpennessOf(State.Mode, State.ActiveCount, State.Policy), token, text, now);

    /// <summary>The token as its owner sees it in that line, of a queue that is so open: the durable ones for a poll.</summary>
    private TokenView View(WaitingLine line, QueueOpenness openness, Token token, string text, Instant now)
    {
        var place = token.Status == TokenStatus.Waiting
            ? _board.Waits(line.Ahead(token.Ticket) + 1L, token.Ticket, token.IssuedAt, now)
            : new(token.Status, 0, 0, Waiting.PollActiveMs, token.IssuedAt, token.ActivatedAt, token.ExpiresAt);
        return TokenView.Of(text, Key, token.UserId, openness, place) with { EndedAt = token.EndedAt, Reason = token.Reason };
    }

    /// <summary>The queue as an operator sees it.</summary>
    private QueueView View(Instant now) => new(
        Key,
        State.Mode,
        State.Preset,
        State.Policy!,
        new(
            State.Line.Count,
            State.ActiveCount,
            State.Totals.Admitted,
            State.Totals.Done,
            State.Totals.Expired,
            State.Totals.Cancelled,
            _rate.PerMinute(now)));
}
