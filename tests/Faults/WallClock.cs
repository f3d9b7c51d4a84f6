namespace OrleansConcert.Faults;

/// <summary>
/// A wall clock that a test sets, as one process sees it: libfaketime in front of the system's. The monotonic counter is true.
/// </summary>
internal sealed class WallClock : IDisposable
{
    /// <summary>How long the library may go by what it read last.</summary>
    public static readonly TimeSpan Cache = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();

    public WallClock() => Set("+0");

    /// <summary>Why there can be none here; null where there can. In the gate there must.</summary>
    public static string? WhyNot =>
        Library is not null || Environment.GetEnvironmentVariable("CI") == "true" ? null
        : "libfaketime is not installed (Debian: apt-get install faketime)";

    /// <summary>What makes a server go by it.</summary>
    public (string Name, string? Value)[] Settings =>
    [
        ("LD_PRELOAD", Library ?? throw new InvalidOperationException("libfaketime is not installed.")),
        ("FAKETIME_TIMESTAMP_FILE", File),
        ("FAKETIME_CACHE_DURATION", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];

    private static string? Library { get; } =
        Directory.Exists("/usr/lib")
            ? Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu")
                .Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1"))
                .Append("/usr/lib/faketime/libfaketimeMT.so.1").Append("/usr/lib64/faketime/libfaketimeMT.so.1")
                .FirstOrDefault(System.IO.File.Exists)
            : null;

    private string File => Path.Combine(_folder.Path, "now");

    /// <summary>Sets it, as libfaketime words it: <c>+6m</c>, <c>-2h</c>, <c>+0 x2</c>.</summary>
    public void Set(string offset) => System.IO.File.WriteAllText(File, offset + "\n");

    public void Dispose() => _folder.Dispose();
}

/// <summary>A test that sets the clock; skipped where nobody can, and says so.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ClockFactAttribute : FactAttribute
{
    public ClockFactAttribute() => Skip = WallClock.WhyNot;
}
