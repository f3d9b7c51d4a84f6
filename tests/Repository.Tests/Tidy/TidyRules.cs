namespace OrleansConcert.Repository.Tests.Tidy;

/// <summary>Every tidy rule there is.</summary>
internal static class TidyRules
{
    public static IReadOnlyList<TidyRule> All { get; } = [.. LayoutRules.All, .. SizeRules.All, .. WordRules.All, .. TypeRules.All];
}
