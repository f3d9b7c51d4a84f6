using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>A queue as the hosts see it: durable events by chance, and answers to what they ask for.</summary>
internal sealed class BoardSource
{
    private readonly Random _random;
    private readonly List<QueueEvent> _events = [];
    private readonly SortedDictionary<long, (uint Nonce, bool IsActive)> _live = [];
    private long _lastTicket;

    public BoardSource(Random random)
    {
        _random = random;
        Happen(new QueueOpened(Now, "any", Some.QueuePolicy with { MaxActive = 20 }));
    }

    public QueueBoard Board { get; } = new();

    public Instant Now { get; private set; } = Some.Noon;

    /// <summary>Older events are not kept.</summary>
    public int Kept { get; init; } = int.MaxValue;

    public long LastTicket => _lastTicket;

    /// <summary>Whom the hosts have handed over.</summary>
    public List<(Instant At, HandOver HandOver)> HandedOver { get; } = [];

    public void Pass(long milliseconds) => Now += Some.Ms(milliseconds);

    public void Happen(QueueEvent happened)
    {
        _events.Add(happened);
        Board.Apply(happened, _events.Count);
    }

    public long Join()
    {
        _lastTicket += _random.Next(1, 3);
        var nonce = (uint)_random.Next();
        _live[_lastTicket] = (nonce, false);
        Happen(new Joined(Now, _lastTicket, $"user{_lastTicket}", nonce));
        return _lastTicket;
    }

    public void Happen()
    {
        var ticket = _live.Count == 0 ? 0 : _live.Keys.ElementAt(_random.Next(_live.Count));
        switch (_random.Next(20))
        {
            case < 12:
                Join();
                break;
            case < 14:
                Admit(_random.Next(1, 5));
                break;
            case < 18 when ticket > 0:
                _live.Remove(ticket);
                Happen(new Ended(Now, ticket, $"user{ticket}", TokenStatus.Cancelled, EndReason.Left));
                break;
            case < 19 when ticket > 0:
                _live[ticket] = (_live[ticket].Nonce + 1, _live[ticket].IsActive);
                Happen(new Rotated(Now, ticket, $"user{ticket}", _live[ticket].Nonce));
                break;
            default:
                Happen(_random.Once(2) ? new QueuePaused(Now) : new QueueResumed(Now));
                break;
        }
    }

    public void Admit(int count)
    {
        var waiting = _live.Where(token => !token.Value.IsActive).Select(token => token.Key).Take(count).ToArray();
        if (waiting.Length > 0)
        {
            Array.ForEach(waiting, ticket => _live[ticket] = (_live[ticket].Nonce, true));
            Happen(new Admitted(Now, waiting[^1], waiting.Length, Now + TimeSpan.FromDays(1)));
        }
    }

    public BoardNews Answer(BoardAsk ask)
    {
        if (ask.HandOver is not null)
        {
            HandedOver.Add((Now, ask.HandOver));
        }

        if (ask.PlacesFrom is { } block)
        {
            return new(Now, [], null, Board.PlacesFrom(block, 1), [], IsMore: true);
        }

        if (ask.Version == 0 || _events.Count - ask.Version > Kept)
        {
            var whole = Board.ToWhole();
            return new(Now, [], whole, [], [], IsMore: !whole.Waiting.IsEmpty);
        }

        ImmutableArray<QueueEvent> events = [.. _events.Skip((int)ask.Version).Take(7)];
        return new(Now, events, null, [], [], IsMore: events.Length == 7);
    }

    /// <summary>Holds what a board shows of every ticket against a line that is counted one by one.</summary>
    public void Check(Func<long, uint, (TokenStatus Status, long Position)?> find)
    {
        var position = 0;
        for (var ticket = 1L; ticket <= _lastTicket + 1; ticket++)
        {
            if (!_live.TryGetValue(ticket, out var token))
            {
                Assert.Null(find(ticket, 0));
                continue;
            }

            var place = find(ticket, token.Nonce)!.Value;
            Assert.Equal(token.IsActive ? TokenStatus.Active : TokenStatus.Waiting, place.Status);
            Assert.Equal(token.IsActive ? 0 : ++position, place.Position);
            Assert.Null(find(ticket, token.Nonce + 7));
        }
    }
}
