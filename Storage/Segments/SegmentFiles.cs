using System.Collections.Immutable;
using OrleansConcert.Storage.Disks;

namespace OrleansConcert.Storage.Segments;

/// <summary>The open segments in order, number 1 first. Added to by the writer alone; read by everybody without a lock.</summary>
internal sealed class SegmentFiles : IDisposable
{
    private volatile ImmutableList<IDiskFile> _files = [];

    public int Count => _files.Count;

    public IDiskFile this[int number] => _files[number - 1];

    public void Add(IDiskFile file) => _files = _files.Add(file);

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }
}
