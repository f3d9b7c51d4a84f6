namespace OrleansConcert.Domain;

/// <summary>
/// What a rule decided: the events that make it so, or the refusal that stops it; never both. A rule is a function of the
/// state, what is asked and the instant; nothing changes until the events are folded into the state.
/// </summary>
public readonly struct Decision<TEvent>
{
    private Decision(ImmutableArray<TEvent> events, Refused? refused, long shows)
    {
        Events = events;
        Refused = refused;
        Shows = shows;
    }

    /// <summary>The events, oldest first; empty where nothing has to change for the answer to be yes.</summary>
    public ImmutableArray<TEvent> Events { get; }

    /// <summary>Why not, or null for yes.</summary>
    public Refused? Refused { get; }

    /// <summary>
    /// The version of the newest change that this decision makes visible without being part of it (the hold that a refusal
    /// speaks of). What was seen never un-happens, so nobody is told before that version is durable.
    /// </summary>
    public long Shows { get; }

    public static Decision<TEvent> Yes(params ReadOnlySpan<TEvent> events) => new([.. events], null, 0);

    public static Decision<TEvent> Already(long shows) => new([], null, shows);

    public static Decision<TEvent> No(Refused refused, long shows = 0) => new([], refused, shows);
}

/// <summary>A refusal: a reason from its context's enumeration, and what the caller needs to know of it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Refused")]
public abstract record Refused
{
    /// <summary>The particulars that the reason calls for.</summary>
    [Id(0)]
    public Particulars With { get; init; } = Particulars.None;
}

/// <summary>What a refusal says beside its reason; each member is set only where the reason calls for it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Particulars")]
public sealed record Particulars
{
    public static readonly Particulars None = new();

    [Id(0)]
    public ImmutableArray<string> Seats { get; init; } = [];

    [Id(1)]
    public Instant? ExpiresAt { get; init; }

    [Id(2)]
    public string? PaymentId { get; init; }

    [Id(3)]
    public long? Limit { get; init; }

    [Id(4)]
    public long? Balance { get; init; }

    [Id(5)]
    public long? Amount { get; init; }
}
