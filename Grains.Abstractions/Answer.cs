namespace OrleansConcert.Grains.Abstractions;

/// <summary>
/// What a grain answers to a request that may be refused or repeated: exactly one of a value, a refusal, and the answer given
/// when the same request came first.
/// </summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Answer`1")]
public sealed record Answer<T>
    where T : class
{
    /// <summary>Yes, with what came of it.</summary>
    [Id(0)]
    public T? Value { get; init; }

    /// <summary>No, and why.</summary>
    [Id(1)]
    public Refused? Refused { get; init; }

    /// <summary>The same key was answered before.</summary>
    [Id(2)]
    public ReplayedAnswer? Replayed { get; init; }

    /// <summary>The HTTP status of a yes: 201 where something was made, else 200.</summary>
    [Id(3)]
    public int Status { get; init; }

    public static implicit operator Answer<T>(Refused refused) => new() { Refused = refused };

    public static implicit operator Answer<T>(ReplayedAnswer replayed) => new() { Replayed = replayed };
}

/// <summary>An answer given before, as it was given.</summary>
/// <param name="Fingerprint">Of the request it was given to; another request must not get it.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ReplayedAnswer")]
public sealed record ReplayedAnswer(
    [property: Id(0)] string Fingerprint, [property: Id(1)] int Status, [property: Id(2)] ImmutableArray<byte> Body);

/// <summary>
/// The journal can't take or give anything now, or the grain is being reloaded after it could not: nothing was done, or it will
/// be found by the same key.
/// </summary>
[GenerateSerializer, Alias("OrleansConcert.UnavailableException")]
public sealed class UnavailableException : Exception
{
    public UnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>The cause is kept in words: another host need not know its type, and then could not read this exception at all.</summary>
    public UnavailableException(string message, Exception cause)
        : base($"{message} {cause.Message}")
    {
    }
}
