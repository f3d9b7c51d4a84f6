using System.Reflection;
using System.Security.Cryptography;

namespace OrleansConcert.Simulation.Running;

/// <summary>Which code is running.</summary>
internal static class Build
{
    /// <summary>The commit it was built from, in eight digits; a changed checkout has the commit it started from.</summary>
    public static string Commit { get; } = Version?.Split('+') is [_, var commit] ? commit[..Math.Min(8, commit.Length)] : "unknown";

    /// <summary>The same for the same code and different for any other, in eight digits: builds are deterministic.</summary>
    public static string Print { get; } = Convert.ToHexStringLower(SHA256.HashData(
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "OrleansConcert.*.dll")
            .Order(StringComparer.Ordinal)
            .SelectMany(file => Assembly.LoadFrom(file).ManifestModule.ModuleVersionId.ToByteArray()),
    ]))[..8];

    private static string? Version =>
        typeof(Build).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
}
