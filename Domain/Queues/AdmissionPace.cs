namespace OrleansConcert.Domain.Queues;

/// <summary>
/// How fast a queue admits while somebody waits: what its policy allows at first, then what was measured. It is a fold of events,
/// so every host that has the same events has the same pace.
/// </summary>
/// <param name="Count">How many admissions were measured; older ones count less.</param>
/// <param name="Milliseconds">How long they took.</param>
/// <param name="Batches">In how many goes they came.</param>
/// <param name="Since">
/// The last admission that left somebody waiting: from then on the next one is measured. Null before the first of them: what fills an
/// empty house says nothing of how fast places get free.
/// </param>
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
    private const double EnoughCount = 1_000;
    private const double EnoughBatches = 4;
    private const double EnoughMilliseconds = 60_000;

    /// <summary>As many admissions at the policy's pace count before any are measured.</summary>
    private const double PolicyCount = 10;

    /// <summary>The pace after an event of the queue.</summary>
    /// <param name="before">The policy until then; null where there was none.</param>
    /// <param name="policy">The policy from then on.</param>
    /// <param name="waited">How many waited until then.</param>
    /// <param name="waiting">How many wait from then on.</param>
    public AdmissionPace After(QueueEvent happened, QueuePolicy? before, QueuePolicy? policy, int waited, int waiting) => happened switch
    {
        PolicyChanged => ShownNow(happened.At, before!).Under(before!, policy!).ShownNow(happened.At, policy!),
        QueuePaused => ShownNow(happened.At, policy!),
        QueueResumed => ShownNow(happened.At, policy!).Interrupted().ShownNow(happened.At, policy!),
        Joined when waited == 0 && Since is not null => Interrupted(),
        Admitted admitted => ShownNow(happened.At, policy!)
            .Measure(happened.At, admitted.Count, somebodyWaits: waiting > 0).ShownNow(happened.At, policy!),
        _ => this,
    };

    /// <summary>The pace at a start: nobody was admitted while the process was down, and that says nothing.</summary>
    public AdmissionPace AtStart(Instant now) => this with { Since = Since is null ? null : now, ShownAt = now };

    /// <summary>Milliseconds until that position is admitted; null where nothing is known.</summary>
    public long? EstimateMs(long position, QueuePolicy policy, AdmissionWindow window, Instant now)
    {
        if (!IsKnown(policy))
        {
            return null;
        }

        var pace = At(now, policy);
        if (!IsByWindows(policy))
        {
            return (long)Math.Ceiling(position / pace);
        }

        // To the next window and whole ones from there; less while a pace is shown that was faster.
        var toNext = window.StartAt(policy.AdmitEvery, now) + policy.AdmitEvery - now;
        var further = (position - 1) / policy.AdmitCount!.Value * policy.AdmitEvery;
        return (long)Math.Ceiling((toNext + further).TotalMilliseconds * Math.Min(1, PaceOf(policy) / pace));
    }

    /// <summary>The next admission is not measured: nobody waited before, or nobody was let in.</summary>
    private AdmissionPace Interrupted() => this with { Since = null };

    /// <summary>
    /// Where the new policy admits otherwise nothing is measured under it yet. What was shown changes by and by all the same.
    /// </summary>
    private AdmissionPace Under(QueuePolicy before, QueuePolicy after) =>
        AdmitsAlike(before, after) ? this : this with { Count = 0, Milliseconds = 0, Batches = 0, Since = null };

    /// <summary>What is shown at that instant is kept: from there it falls no faster than it may.</summary>
    private AdmissionPace ShownNow(Instant at, QueuePolicy policy) => this with { Shown = At(at, policy), ShownAt = at };

    /// <summary>
    /// Some were admitted. Only what left somebody waiting is measured: else it was as fast as they came, not as it went.
    /// </summary>
    private AdmissionPace Measure(Instant at, int count, bool somebodyWaits)
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

    /// <summary>Whether each window admits as many as the policy says whatever else happens.</summary>
    private static bool IsByWindows(QueuePolicy policy) => policy is { AdmitCount: not null, MaxActive: null };

    private static bool AdmitsAlike(QueuePolicy one, QueuePolicy other) =>
        (one.AdmitCount, one.AdmitEvery, one.AdmitOnPoll, one.MaxActive)
        == (other.AdmitCount, other.AdmitEvery, other.AdmitOnPoll, other.MaxActive);

    private static double PaceOf(QueuePolicy policy) =>
        policy.AdmitCount is { } count ? count / policy.AdmitEvery.TotalMilliseconds : 0;

    /// <summary>Whether the policy gives a pace or one is measured: what was shown under another policy is none.</summary>
    private bool IsKnown(QueuePolicy policy) => PaceOf(policy) > 0 || Count >= PolicyCount;

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

        if (!IsKnown(policy))
        {
            return 0;
        }

        // A silence tells of a slower pace once it is longer than those that are usual.
        var usual = Batches > 0 ? 2 * Milliseconds / Batches : policy.AdmitEvery.TotalMilliseconds;
        var silence = Since is { } since ? Math.Max(0, (now - since).TotalMilliseconds - usual) : 0;

        // Rather too slow than too fast while chance may have had its hand in it: what is shown rises at once, and falls slowly.
        var sure = Math.Max(0, Count - (1.5 * Math.Sqrt(Count)));
        return allowed > 0
            ? (sure + PolicyCount) / (Milliseconds + silence + (PolicyCount / allowed))
            : sure / Math.Max(1, Milliseconds + silence);
    }
}
