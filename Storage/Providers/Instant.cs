namespace OrleansConcert.Storage.Providers;

/// <summary>What the journal takes for an instant.</summary>
internal static class Instant
{
    public static DateTimeOffset WholeMilliseconds(DateTimeOffset at) =>
        DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
}
