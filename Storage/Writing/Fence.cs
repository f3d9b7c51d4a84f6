using System.Collections.Concurrent;

namespace OrleansConcert.Storage.Writing;

/// <summary>
/// Streams of which something was not written, as far as whoever sent it knows. More of them may be on its way, decided on what never
/// was; where others write the same journal its number may even fit by chance. So nothing of them goes in before they are loaded again.
/// </summary>
internal sealed class Fence
{
    private readonly ConcurrentDictionary<string, byte> _streams = new(StringComparer.Ordinal);

    public bool IsEmpty => _streams.IsEmpty;

    public bool Bars(Append? append) => append is { Events.Count: > 0 } && _streams.ContainsKey(append.Stream);

    /// <summary>To be raised before anybody is told, and before anything later of the stream is sent.</summary>
    public void Raise(Append? append)
    {
        if (append is { Events.Count: > 0 })
        {
            _streams.TryAdd(append.Stream, 0);
        }
    }

    /// <summary>Somebody here is about to learn where the stream is, and nothing sent before is on its way.</summary>
    public void Lift(string stream) => _streams.TryRemove(stream, out _);
}
