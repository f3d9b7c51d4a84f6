using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>Which grain is where, and every activation in the order in which they began.</summary>
internal sealed class Directory(Engine engine)
{
    private readonly ConcurrentDictionary<GrainId, Destination> _destinations = new();
    private readonly Lock _lock = new();

    // Kept beside the dictionary, since nothing may walk that: its order is not the same in every process.
    private readonly LinkedList<Activation> _activations = [];
    private readonly Dictionary<Activation, LinkedListNode<Activation>> _nodes = [];

    /// <summary>Every activation that has begun and not ended, oldest first.</summary>
    internal Activation[] All
    {
        get
        {
            lock (_lock)
            {
                return [.. _activations];
            }
        }
    }

    /// <summary>How many activations have begun and not ended.</summary>
    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _activations.Count;
            }
        }
    }

    /// <summary>Where the calls to a grain go; made if need be. It activates with its first turn.</summary>
    internal Destination Locate(GrainId id, GrainClass grainClass) =>
        _destinations.GetOrAdd(id, static (id, place) => place.Class.NewDestination(place.Engine, id), (Class: grainClass, Engine: engine));

    /// <summary>Where the calls to a grain go now, if it is active.</summary>
    internal Destination? Find(GrainId id) => _destinations.GetValueOrDefault(id);

    internal void Add(Activation activation)
    {
        lock (_lock)
        {
            _nodes[activation] = _activations.AddLast(activation);
        }
    }

    /// <summary>From here the next call makes a new activation.</summary>
    internal void Remove(Activation activation)
    {
        Destination destination = activation;
        if (activation.Pool is { } pool)
        {
            if (!pool.Remove(activation))
            {
                return;
            }

            destination = pool;
        }

        _destinations.TryRemove(new KeyValuePair<GrainId, Destination>(activation.GrainId, destination));
    }

    /// <summary>The activation is over and done with.</summary>
    internal void Ended(Activation activation)
    {
        lock (_lock)
        {
            if (_nodes.Remove(activation, out var node))
            {
                _activations.Remove(node);
            }
        }
    }
}
