using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansConcert.Simulation;

/// <summary>
/// Events that were read from a journal before: an audit looks at every byte of it anew, and at every start, but what has the
/// same bytes at the same place is the same event.
/// </summary>
internal sealed class EventsRead
{
    private readonly Dictionary<(string Stream, long Version), (ReadOnlyMemory<byte> Text, object Event)> _read = [];

    public TEvent Of<TEvent>(JournalEntry entry, JsonTypeInfo<TEvent> type)
        where TEvent : class
    {
        var place = (entry.Stream, entry.Version);
        if (_read.TryGetValue(place, out var before) && before.Text.Span.SequenceEqual(entry.Text.Span))
        {
            return (TEvent)before.Event;
        }

        var happened = JsonSerializer.Deserialize(entry.Text.Span, type)!;
        _read[place] = (entry.Text, happened);
        return happened;
    }
}
