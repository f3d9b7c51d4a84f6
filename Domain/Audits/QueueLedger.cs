using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Audits;

/// <summary>The auditor's book of one queue: who waits, who is ACTIVE, in which order they came in.</summary>
internal sealed class QueueLedger(string queueId, PaymentLedger payments, Action<string> find)
{
    private readonly SortedSet<long> _waiting = [];
    private readonly Dictionary<long, Active> _active = [];
    private readonly Dictionary<long, string> _userOf = [];
    private readonly HashSet<string> _live = new(StringComparer.Ordinal);
    private QueuePolicy? _policy;
    private QueueMode _mode;
    private long _lastTicket;
    private Instant _last;

    /// <summary>Whose place was just ended for a new one, which has to be the next thing that happens.</summary>
    private string? _requeued;

    public void Observe(QueueEvent happened)
    {
        if (_requeued is { } owed && (happened as Joined)?.UserId != owed)
        {
            find($"queue {queueId}: {owed} lost a place for a new one, and did not get it");
        }

        _requeued = null;
        _last = Auditor.InTime($"queue {queueId}", _last, happened.At, find);
        switch (happened)
        {
            case QueueOpened opened:
                _policy = opened.Policy;
                break;
            case PolicyChanged changed:
                _policy = changed.Policy;
                break;
            case QueuePaused:
                _mode = QueueMode.Paused;
                break;
            case QueueResumed:
                _mode = QueueMode.Open;
                break;
            case QueueDraining:
                _mode = QueueMode.Draining;
                break;
            case Pinned pinned when _active.TryGetValue(pinned.Ticket, out var active):
                _active[pinned.Ticket] = active with { PinnedUntil = pinned.Until };
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
            case Rotated rotated:
                Observe(rotated);
                break;
        }
    }

    /// <summary>
    /// Why nobody can have taken seats with that ticket, or null. A ticket that has ended may have been good when the seats were taken:
    /// its end and the hold are written side by side.
    /// </summary>
    public string? WhyNotHolder(long ticket, string userId)
    {
        if (ticket > _lastTicket || ticket < 1)
        {
            return "which was never issued";
        }

        if (_waiting.Contains(ticket))
        {
            return "which was still waiting";
        }

        return _userOf.TryGetValue(ticket, out var owner) && owner != userId ? $"which is {owner}'s" : null;
    }

    private void Observe(Joined joined)
    {
        if (joined.Ticket != _lastTicket + 1)
        {
            find($"queue {queueId}: ticket {joined.Ticket} came after ticket {_lastTicket}");
        }

        if (!_live.Add(joined.UserId))
        {
            find($"queue {queueId}: {joined.UserId} took ticket {joined.Ticket} while having a live one");
        }

        if (_mode == QueueMode.Draining)
        {
            find($"queue {queueId}: {joined.UserId} took ticket {joined.Ticket} while the queue was draining");
        }

        _lastTicket = Math.Max(_lastTicket, joined.Ticket);
        _waiting.Add(joined.Ticket);
        _userOf[joined.Ticket] = joined.UserId;
    }

    private void Observe(Admitted admitted)
    {
        var tickets = _waiting.TakeWhile(ticket => ticket <= admitted.Through).ToArray();
        if (tickets.Length != admitted.Count || _mode == QueueMode.Paused)
        {
            find($"queue {queueId}: {admitted.Count} were admitted through {admitted.Through}; "
                + $"{(_mode == QueueMode.Paused ? "it was paused" : $"{tickets.Length} were first in line")}");
        }

        foreach (var ticket in tickets)
        {
            _waiting.Remove(ticket);
            _active[ticket] = new(admitted.ExpiresAt, Instant.Epoch);
        }

        if (_active.Count > _policy?.MaxActive)
        {
            find($"queue {queueId}: admission raised ACTIVE to {_active.Count}, above {_policy.MaxActive}");
        }

        if (_policy is not null && admitted.ExpiresAt != admitted.At + _policy.ActiveTtl)
        {
            find($"queue {queueId}: tickets through {admitted.Through} were given time until {admitted.ExpiresAt}, against the policy");
        }
    }

    private void Observe(Ended ended)
    {
        if (_userOf.TryGetValue(ended.Ticket, out var owner))
        {
            if (owner != ended.UserId)
            {
                find($"queue {queueId}: ticket {ended.Ticket} of {owner} ended as {ended.UserId}'s");
            }

            _live.Remove(owner);
            _userOf.Remove(ended.Ticket);
        }
        else if (ended.Status != TokenStatus.Done || ended.Ticket > _lastTicket)
        {
            find($"queue {queueId}: ticket {ended.Ticket} ended twice");
        }

        ObserveReason(ended);
        _requeued = ended.Reason == EndReason.Requeued ? ended.UserId : null;
        _waiting.Remove(ended.Ticket);
        _active.Remove(ended.Ticket);
    }

    private void Observe(Rotated rotated)
    {
        if (_userOf.GetValueOrDefault(rotated.Ticket) != rotated.UserId || _policy?.Reissue != Reissue.RotateInPlace)
        {
            find($"queue {queueId}: ticket {rotated.Ticket} got another token as {rotated.UserId}'s, which the policy or its owner forbid");
        }
    }

    private void ObserveReason(Ended ended)
    {
        if (ended.Reason == EndReason.Requeued && _policy?.Reissue != Reissue.Requeue)
        {
            find($"queue {queueId}: ticket {ended.Ticket} was ended for a new place, against the policy");
        }

        if (ended.Reason == EndReason.Rotated || (ended.Reason == EndReason.Admin && string.IsNullOrEmpty(ended.Why)))
        {
            find($"queue {queueId}: ticket {ended.Ticket} ended as {ended.Reason}, and nobody said why");
        }

        if (ended.Status == TokenStatus.Done)
        {
            payments.TokenUsed(queueId, ended.Ticket, ended.UserId, ended.PaymentId);
        }
        else if (ended.Status == TokenStatus.Expired && _active.TryGetValue(ended.Ticket, out var active))
        {
            if (ended.At < active.PinnedUntil && ended.Reason != EndReason.Requeued)
            {
                // Who joins again may give the holds up.
                find($"queue {queueId}: ticket {ended.Ticket} ended at {ended.At}, while a hold kept it until {active.PinnedUntil}");
            }

            if (ended.Reason == EndReason.Ttl && ended.At < active.ExpiresAt)
            {
                find($"queue {queueId}: the time of ticket {ended.Ticket} ended at {ended.At}, before {active.ExpiresAt}");
            }
        }
        else if (ended.Reason == EndReason.Ttl)
        {
            find($"queue {queueId}: the time of ticket {ended.Ticket} ended, but it was not ACTIVE");
        }
    }

    private sealed record Active(Instant ExpiresAt, Instant PinnedUntil);
}
