namespace OrleansConcert.Storage.Tests;

/// <summary>A folder of the test's own, gone when it ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("store-").FullName;

    public string Store => System.IO.Path.Combine(Path, "store");

    public string Segment(int number = 1) => System.IO.Path.Combine(Store, $"segment-{number:D10}.log");

    /// <summary>A copy of the store as the disk has it now, locks aside.</summary>
    public TemporaryFolder Copy()
    {
        var copy = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Store, "*", SearchOption.AllDirectories))
        {
            var relative = System.IO.Path.GetRelativePath(Store, file);
            if (!relative.StartsWith("lock", StringComparison.Ordinal))
            {
                var target = System.IO.Path.Combine(copy.Store, relative);
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                File.WriteAllBytes(target, Read(file));
            }
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
