using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Grains;

/// <summary>The newest durable events of a queue, for hosts whose boards lack no more than these.</summary>
internal sealed class RecentEvents
{
    /// <summary>How many are kept: more than a busy second brings.</summary>
    public const int Kept = 1 << 16;

    private QueueEvent?[] _events = new QueueEvent?[64];
    private long _first = 1;
    private long _last;

    /// <summary>Starts behind that version.</summary>
    public void Start(long version) => (_first, _last) = (version + 1, version);

    /// <summary>Adds the event of that version, which follows the last one.</summary>
    public void Add(QueueEvent happened, long version)
    {
        if (version - _first == _events.Length)
        {
            Grow();
        }

        _last = version;
        _events[version % _events.Length] = happened;
    }

    /// <summary>Whether every event after that version is here.</summary>
    public bool Cover(long version) => version + 1 >= _first && version <= _last;

    /// <summary>The events after a version, so many at the most.</summary>
    public ImmutableArray<QueueEvent> After(long version, int count)
    {
        var events = ImmutableArray.CreateBuilder<QueueEvent>((int)Math.Min(count, _last - version));
        while (events.Count < events.Capacity)
        {
            events.Add(_events[++version % _events.Length]!);
        }

        return events.MoveToImmutable();
    }

    /// <summary>Makes room: by growing, and at last by dropping the oldest.</summary>
    private void Grow()
    {
        if (_events.Length == Kept)
        {
            _first++;
            return;
        }

        var events = new QueueEvent?[_events.Length * 2];
        for (var version = _first; version <= _last; version++)
        {
            events[version % events.Length] = _events[version % _events.Length];
        }

        _events = events;
    }
}
