using System.Net;

namespace OrleansConcert.Api.Hosting;

/// <summary>What an operator may set, read and checked once, at start. Each says its key, default and bounds.</summary>
public sealed record Settings
{
    /// <summary><c>Concert:Storage:Kind</c>: where everything is kept. Embedded (default), Postgres or Memory.</summary>
    /// <remarks>Memory forgets everything at the end of the process.</remarks>
    public required string StorageKind { get; init; }

    /// <summary><c>Concert:Storage:Path</c>: the folder of the embedded store. Default: <c>data</c>, from where it was started.</summary>
    public required string StoragePath { get; init; }

    /// <summary>
    /// <c>Concert:Cluster:Mode</c>: whether this process has the grains too (Embedded, the default), or reaches those of a cluster of
    /// silos (Client; a build with Engine=Orleans).
    /// </summary>
    public required bool IsClient { get; init; }

    /// <summary><c>Concert:Cluster:Id</c>: which cluster's, 1 to 64 of A-Za-z0-9_-. Default: <c>concert</c>.</summary>
    public required string ClusterId { get; init; }

    /// <summary><c>ConnectionStrings:Concert</c>: the database, where the state is kept in one. Default: none; then it must be.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>
    /// <c>Concert:Access:OperatorKeys</c>: the keys that issue access tokens. Default in Development on loopback: <c>dev</c>; elsewhere
    /// there is none, and they must be set.
    /// </summary>
    public required ImmutableArray<string> OperatorKeys { get; init; }

    /// <summary>
    /// <c>Concert:Access:SigningKeys</c>: 1 to 8 of 32 bytes or more each, in base64; the first signs, all verify. Default: none, then one
    /// is made and kept in the store.
    /// </summary>
    public required ImmutableArray<byte[]> SigningKeys { get; init; }

    /// <summary><c>Concert:Access:AccessTokenLifetime</c>: PT1S to P30D. Default: PT12H.</summary>
    /// <remarks>Longer is kinder to users; a stolen token works as long.</remarks>
    public required TimeSpan AccessTokenLifetime { get; init; }

    /// <summary><c>Concert:Limits:InFlight</c>: calls answered at once, 1 to 1,000,000; beyond 503. Default: 4,096.</summary>
    public required int InFlight { get; init; }

    /// <summary><c>Concert:Limits:Streams</c>: streams of events open at once, 1 to 1,000,000; beyond 429. Default: 20,000.</summary>
    /// <remarks>Each takes a file descriptor and up to 30 KB.</remarks>
    public required int Streams { get; init; }

    /// <summary><c>Concert:Limits:StreamsPerUser</c>: of these, by one user, 1 to 1,000,000; beyond 429. Default: 5.</summary>
    public required int StreamsPerUser { get; init; }

    /// <summary><c>Concert:Users:Registration</c>: whether users must be registered first. Open (default) or Required.</summary>
    public required bool RegistrationRequired { get; init; }

    /// <summary><c>Concert:Demo</c>: whether a demo concert is opened at start. Default: true in Development, else false.</summary>
    public required bool Demo { get; init; }

    /// <summary><c>Concert:KnownProxies</c>: addresses whose X-Forwarded-For and -Proto are believed. Default: none.</summary>
    public required ImmutableArray<IPAddress> KnownProxies { get; init; }

    /// <summary>Where the server listens: <c>ASPNETCORE_URLS</c>. Default: http://127.0.0.1:5080.</summary>
    public required string Urls { get; init; }

    /// <summary>The settings that are set and that nothing uses yet.</summary>
    public ImmutableArray<string> Unused { get; init; } = [];

    /// <summary>Whether the well-known operator key works: start-up says so loudly.</summary>
    public bool HasWellKnownKey => OperatorKeys.Contains(SettingsReader.WellKnownKey);
}
