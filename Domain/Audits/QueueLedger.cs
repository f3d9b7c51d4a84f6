using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Audits;

/// <summary>The auditor's book of one queue: who waits, who is ACTIVE, in which order they came in.</summary>
internal sealed class QueueLedger(string queueId, Action<string> find)
{
    private readonly SortedSet<long> _waiting = [];
    private readonly HashSet<long> _active = [];
    private readonly HashSet<string> _live = new(StringComparer.Ordinal);
    private QueuePolicy? _policy;
    private long _lastTicket;
    private bool _paused;

    public void Observe(QueueEvent happened)
    {
        switch (happened)
        {
            case QueueOpened opened:
                _policy = opened.Policy;
                break;
            case PolicyChanged changed:
                _policy = changed.Policy;
                break;
            case QueuePaused:
                _paused = true;
                break;
            case QueueResumed or QueueDraining:
                _paused = false;
                break;
            case Joined joined:
                Observe(joined);
                break;
            case Admitted admitted:
                Observe(admitted);
                break;
            case Ended ended:
                Observe(ended);
                break;
        }
    }

    private void Observe(Joined joined)
    {
        if (joined.Ticket <= _lastTicket)
        {
            find($"queue {queueId}: ticket {joined.Ticket} came after ticket {_lastTicket}");
        }

        if (!_live.Add(joined.UserId))
        {
            find($"queue {queueId}: {joined.UserId} took ticket {joined.Ticket} while having a live one");
        }

        _lastTicket = Math.Max(_lastTicket, joined.Ticket);
        _waiting.Add(joined.Ticket);
    }

    private void Observe(Admitted admitted)
    {
        var tickets = _waiting.TakeWhile(ticket => ticket <= admitted.Through).ToArray();
        if (tickets.Length != admitted.Count || _paused)
        {
            find($"queue {queueId}: {admitted.Count} were admitted through {admitted.Through}; {tickets.Length} were first in line");
        }

        _waiting.ExceptWith(tickets);
        _active.UnionWith(tickets);
        if (_active.Count > _policy?.MaxActive)
        {
            find($"queue {queueId}: admission raised ACTIVE to {_active.Count}, above {_policy.MaxActive}");
        }
    }

    private void Observe(Ended ended)
    {
        var wasLive = _waiting.Remove(ended.Ticket) | _active.Remove(ended.Ticket);
        if (wasLive)
        {
            _live.Remove(ended.UserId);
        }
        else if (ended.Status != TokenStatus.Done)
        {
            find($"queue {queueId}: ticket {ended.Ticket} ended twice");
        }
    }
}
