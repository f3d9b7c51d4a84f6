namespace OrleansConcert.Domain.Queues;

/// <summary>
/// The fixed intervals of admission: they start when the queue opens or resumes, and each has a budget of its own.
/// </summary>
/// <param name="From">Where the first interval starts.</param>
/// <param name="Start">The interval in which was last admitted.</param>
/// <param name="Used">How many were admitted in that interval.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.AdmissionWindow")]
public readonly record struct AdmissionWindow(
    [property: Id(0)] Instant From, [property: Id(1)] Instant Start, [property: Id(2)] int Used)
{
    public static AdmissionWindow StartingAt(Instant at) => new(at, at, 0);

    /// <summary>
    /// The start of the interval that <paramref name="now"/> falls into. Parts of a millisecond in the length do not count, as
    /// nowhere in an <see cref="Instant"/>: else an interval would start before it is reached.
    /// </summary>
    public Instant StartAt(TimeSpan every, Instant now)
    {
        var length = every.Ticks / TimeSpan.TicksPerMillisecond;
        var passed = Math.Max(0, now.Milliseconds - From.Milliseconds);
        return new(From.Milliseconds + passed - (passed % length));
    }

    /// <summary>How many were admitted in the interval of <paramref name="now"/>.</summary>
    public int UsedAt(TimeSpan every, Instant now) => StartAt(every, now) == Start ? Used : 0;

    /// <summary>The window after <paramref name="count"/> more were admitted.</summary>
    public AdmissionWindow After(TimeSpan every, Instant at, int count) =>
        new(From, StartAt(every, at), UsedAt(every, at) + count);

    /// <summary>Another interval starts anew at the change, and what the running interval has used still counts.</summary>
    public AdmissionWindow Under(TimeSpan before, TimeSpan after, Instant at) =>
        before == after ? this : new(at, at, UsedAt(before, at));
}
