namespace OrleansConcert.Domain.Queues;

/// <summary>
/// The one rule of admission, for the tick and, with <c>admitOnPoll</c>, for whatever frees a place: from the front, as many as
/// the interval's budget and the cap on ACTIVE tokens leave.
/// </summary>
public static class Admitting
{
    /// <summary>Admits who may enter now; nothing where nobody may.</summary>
    /// <param name="atBoundary">
    /// True at the start of an interval. Without <c>admitOnPoll</c> nobody is admitted at any other time.
    /// </param>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now, bool atBoundary)
    {
        var policy = queue.Policy;
        if (policy is null || queue.Mode == QueueMode.Paused || !(atBoundary || policy.AdmitOnPoll))
        {
            return [];
        }

        var count = Room(queue, policy, now);
        if (count <= 0)
        {
            return [];
        }

        var through = queue.Line.FromFront().ElementAt(count - 1);
        return [new Admitted(now, through, count, now + policy.ActiveTtl)];
    }

    /// <summary>
    /// The start of the next interval where admission waits for one; <see cref="Instant.Never"/> where it waits for nothing, or
    /// for a place to be freed (which admits by itself).
    /// </summary>
    public static Instant NextAt(QueueState queue, Instant now)
    {
        var policy = queue.Policy;
        if (policy is null || queue.Mode == QueueMode.Paused || queue.Line.Count == 0)
        {
            return Instant.Never;
        }

        var full = queue.ActiveCount >= policy.MaxActive;
        return full && policy.AdmitOnPoll
            ? Instant.Never
            : queue.Window.StartAt(policy.AdmitEvery, now) + policy.AdmitEvery;
    }

    /// <summary>The start of the interval that <paramref name="now"/> falls into.</summary>
    public static Instant IntervalOf(QueueState queue, Instant now) =>
        queue.Window.StartAt(queue.Policy!.AdmitEvery, now);

    private static int Room(QueueState queue, QueuePolicy policy, Instant now)
    {
        var inInterval = policy.AdmitCount - queue.Window.UsedAt(policy.AdmitEvery, now) ?? int.MaxValue;
        var underCap = policy.MaxActive - queue.ActiveCount ?? int.MaxValue;
        return Math.Min(queue.Line.Count, Math.Min(inInterval, underCap));
    }
}
