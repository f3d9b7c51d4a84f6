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
    /// Opens the queue, or gives it another policy. The policy is within its bounds. Where tokens idle sooner under it than their
    /// holds last, those holds are journaled with it: a restart must not end such a token before its holds.
    /// </summary>
    public static Decision<QueueEvent> Put(QueueState queue, string preset, QueuePolicy policy, Instant now)
    {
        if (queue.Policy is null)
        {
            return Decision<QueueEvent>.Yes(new QueueOpened(now, preset, policy));
        }

        return queue.Policy == policy && queue.Preset == preset
            ? Decision<QueueEvent>.Already(queue.ChangedAt)
            : Decision<QueueEvent>.Yes([
                new PolicyChanged(now, preset, policy),
                .. queue.HeldBeyond(now + (policy.ActiveIdleTimeout ?? TimeSpan.MaxValue))
                    .Select(token => new Pinned(now, token.Ticket, token.HeldUntil)),
            ]);
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
