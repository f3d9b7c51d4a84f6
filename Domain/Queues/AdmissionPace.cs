namespace OrleansConcert.Domain.Queues;

/// <summary>
/// How fast a queue admits while somebody waits: what its policy allows at first, then what was measured. It is a fold of events,
/// so every host that has the same events has the same pace.
/// </summary>
/// <param name="Count">How many admissions were measured; older ones count less.</param>
/// <param name="Milliseconds">How long they took.</param>
/// <param name="Batches">In how many goes they came.</param>
/// <param name="Since">From when on the next admission is measured; null while nobody waits.</param>
/// <param name="Shown">Tickets a millisecond, as shown at <paramref name="ShownAt"/>; 0 where nothing was.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.AdmissionPace")]
public sealed record AdmissionPace(
    [property: Id(0)] double Count = 0,
    [property: Id(1)] double Milliseconds = 0,
    [property: Id(2)] double Batches = 0,
    [property: Id(3)] Instant? Since = null,
    [property: Id(4)] double Shown = 0,
    [property: Id(5)] Instant ShownAt = default)
{
    /// <summary>How much of the pace shown may be lost in a second: a wait rises by less than a tenth between two polls.</summary>
    private const double FallPerSecond = 0.009;

    /// <summary>What is measured is forgotten beyond all three: enough for chance to even out.</summary>
    private const double EnoughCount = 400;
    private const double EnoughBatches = 4;
    private const double EnoughMilliseconds = 60_000;

    /// <summary>As many admissions at the policy's pace count before any are measured.</summary>
    private const double PolicyCount = 10;

    /// <summary>Somebody waits from now on.</summary>
    public AdmissionPace From(Instant at) => this with { Since = at };

    /// <summary>Nothing is measured under the present policy yet. What was shown changes by and by all the same.</summary>
    public AdmissionPace Anew(Instant at) => this with { Count = 0, Milliseconds = 0, Batches = 0, Since = Since is null ? null : at };

    /// <summary>What was shown just before an event, so that it does not fall faster than it may by it.</summary>
    public AdmissionPace Before(Instant at, QueuePolicy policy) => this with { Shown = At(at, policy), ShownAt = at };

    /// <summary>Some were admitted. Measured is only what left somebody waiting: else it was as fast as they came, not as it went.</summary>
    public AdmissionPace Admitted(Instant at, int count, bool somebodyWaits)
    {
        if (!somebodyWaits || Since is not { } since)
        {
            return this with { Since = somebodyWaits ? at : null };
        }

        var more = this with
        {
            Count = Count + count,
            Milliseconds = Milliseconds + Math.Max(0, (at - since).TotalMilliseconds),
            Batches = Batches + 1,
            Since = at,
        };
        var kept = Math.Max(EnoughCount / more.Count, Math.Max(EnoughBatches / more.Batches, EnoughMilliseconds / more.Milliseconds));
        return kept >= 1
            ? more
            : more with { Count = kept * more.Count, Milliseconds = kept * more.Milliseconds, Batches = kept * more.Batches };
    }

    /// <summary>Milliseconds until that position is admitted; null where nothing is known.</summary>
    public long? EstimateMs(long position, QueuePolicy policy, AdmissionWindow window, Instant now)
    {
        var pace = At(now, policy);
        if (pace <= 0)
        {
            return null;
        }

        if (!IsByWindows(policy))
        {
            return (long)Math.Ceiling(position / pace);
        }

        // To the next window and whole ones from there; less while a pace is shown that was faster.
        var toNext = window.StartAt(policy.AdmitEvery, now) + policy.AdmitEvery - now;
        var further = (position - 1) / policy.AdmitCount!.Value * policy.AdmitEvery;
        return (long)Math.Ceiling((toNext + further).TotalMilliseconds * Math.Min(1, PaceOf(policy) / pace));
    }

    /// <summary>Whether each window admits as many as the policy says whatever else happens.</summary>
    private static bool IsByWindows(QueuePolicy policy) => policy is { AdmitCount: not null, MaxActive: null };

    private static double PaceOf(QueuePolicy policy) =>
        policy.AdmitCount is { } count ? count / policy.AdmitEvery.TotalMilliseconds : 0;

    /// <summary>Tickets a millisecond; 0 where nothing is known.</summary>
    private double At(Instant now, QueuePolicy policy) =>
        Math.Max(Measured(now, policy), Shown * Math.Exp(-FallPerSecond * (now - ShownAt).TotalSeconds));

    private double Measured(Instant now, QueuePolicy policy)
    {
        var allowed = PaceOf(policy);
        if (IsByWindows(policy))
        {
            return allowed;
        }

        if (allowed <= 0 && Count < PolicyCount)
        {
            return 0;
        }

        // A silence tells of a slower pace once it is longer than those that are usual.
        var usual = Batches > 0 ? 2 * Milliseconds / Batches : policy.AdmitEvery.TotalMilliseconds;
        var silence = Since is { } since ? Math.Max(0, (now - since).TotalMilliseconds - usual) : 0;
        return allowed > 0
            ? (Count + PolicyCount) / (Milliseconds + silence + (PolicyCount / allowed))
            : Count / Math.Max(1, Milliseconds + silence);
    }
}
