namespace OrleansConcert.Api.Hosting;

/// <summary>
/// Settings of the contract that nothing uses yet. They are taken, since what is written for the contract must start, and told at the
/// start, since nothing comes of them.
/// </summary>
internal static class LaterSettings
{
    public static readonly ImmutableArray<string> Names =
    [
        "Concert:RateLimit:PerUser", "Concert:RateLimit:PerAddress", "Concert:Management:Urls",
    ];
}
