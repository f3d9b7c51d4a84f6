namespace OrleansConcert.Domain.Queues;

/// <summary>The rules of an operator's hand on a queue. Asking for what is so already changes nothing.</summary>
public static class Managing
{
    /// <summary>Whether there is such a queue.</summary>
    public static Decision<QueueEvent> Get(QueueState queue) =>
        queue.Policy is null
            ? Decision<QueueEvent>.No(new QueueRefused(QueueRefusal.QueueNotFound))
            : Decision<QueueEvent>.Already(queue.ChangedAt);

    /// <summary>
    /// Opens the queue, or gives it another policy. The policy is within its bounds. Where ACTIVE tokens idle sooner under it, they
    /// are pinned for as long as they could idle before: a permit that was not journaled relied on that, and a changed policy moves
    /// no deadline already set. Where a rejoin ends tokens from now on, those are pinned that may have a live hold.
    /// </summary>
    public static Decision<QueueEvent> Put(QueueState queue, string preset, QueuePolicy policy, Instant now)
    {
        if (queue.Policy is not { } present)
        {
            return Decision<QueueEvent>.Yes(new QueueOpened(now, preset, policy));
        }

        if (present == policy && queue.Preset == preset)
        {
            return Decision<QueueEvent>.Already(queue.ChangedAt);
        }

        var before = present.ActiveIdleTimeout ?? TimeSpan.MaxValue;
        var sooner = (policy.ActiveIdleTimeout ?? TimeSpan.MaxValue) < before;
        var requeues = policy.Reissue == Reissue.Requeue && present.Reissue != Reissue.Requeue;
        return Decision<QueueEvent>.Yes([
            new PolicyChanged(now, preset, policy),
            .. sooner || requeues
                ? queue.ActiveUnpinned(Queueing.PermitUntil(before, now)).Where(pin => sooner || MayBeHeld(pin.Token)).Select(KeepAlive)
                : [],
        ]);

        Pinned KeepAlive((Token Token, Instant Until) pin) => new(now, pin.Token.Ticket, pin.Until);

        bool MayBeHeld(Token token) => token.HeldUntil > now || token.Admission!.OutlivedMemory;
    }

    /// <summary>Pauses, drains or resumes.</summary>
    public static Decision<QueueEvent> Set(QueueState queue, QueueMode mode, Instant now)
    {
        if (queue.Policy is null)
        {
            return Decision<QueueEvent>.No(new QueueRefused(QueueRefusal.QueueNotFound));
        }

        return queue.Mode == mode
            ? Decision<QueueEvent>.Already(queue.ChangedAt)
            : Decision<QueueEvent>.Yes(mode switch
            {
                QueueMode.Open => new QueueResumed(now),
                QueueMode.Paused => new QueuePaused(now),
                QueueMode.Draining => new QueueDraining(now),
            });
    }
}
