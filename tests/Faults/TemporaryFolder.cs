namespace OrleansConcert.Faults;

/// <summary>A folder of the test's own, gone when it ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("concert-faults-").FullName;

    public string Store => System.IO.Path.Combine(Path, "store");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
