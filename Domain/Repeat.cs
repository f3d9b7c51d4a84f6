namespace OrleansConcert.Domain;

/// <summary>A request that may be sent again: whose key, and what it was the key of.</summary>
/// <param name="Caller">The user (or admin) whose key it is.</param>
/// <param name="Key">The idempotency key, unquoted.</param>
/// <param name="Fingerprint">SHA-256 of method, path and raw body, in hexadecimal.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Repeat")]
public sealed record Repeat(
    [property: Id(0)] string Caller, [property: Id(1)] string Key, [property: Id(2)] string Fingerprint);
