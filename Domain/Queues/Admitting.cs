namespace OrleansConcert.Domain.Queues;

/// <summary>
/// The one rule of admission, for the tick and, with <c>admitOnPoll</c>, for whatever frees a place: from the front, as many as
/// the interval's budget and the cap on ACTIVE tokens leave.
/// </summary>
public static class Admitting
{
    /// <summary>So many are admitted at once, at the most.</summary>
    public const int AtOnce = 10_000;

    /// <summary>Admits who may enter now, the first of very many; nothing where nobody may.</summary>
    /// <inheritdoc cref="Room"/>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now, bool atBoundary)
    {
        var count = Math.Min(Room(queue, now, atBoundary), AtOnce);
        return count == 0
            ? []
            : [new Admitted(now, queue.Line.FromFront().ElementAt(count - 1), count, now + queue.Policy!.ActiveTtl)];
    }

    /// <summary>How many may enter now.</summary>
    /// <param name="atBoundary">
    /// True at the start of an interval. Without <c>admitOnPoll</c> nobody is admitted at any other time.
    /// </param>
    public static int Room(QueueState queue, Instant now, bool atBoundary)
    {
        if (queue.Policy is not { } policy || queue.Mode == QueueMode.Paused || !(atBoundary || policy.AdmitOnPoll))
        {
            return 0;
        }

        var inInterval = policy.AdmitCount - queue.Window.UsedAt(policy.AdmitEvery, now) ?? int.MaxValue;
        var underCap = policy.MaxActive - queue.ActiveCount ?? int.MaxValue;
        return Math.Max(0, Math.Min(queue.Line.Count, Math.Min(inInterval, underCap)));
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
}
