namespace OrleansConcert.Domain.Queues;

/// <summary>The tokens that were replaced by others for the same place: beside the tokens themselves, since few are.</summary>
internal sealed class Rotations
{
    private readonly Dictionary<(long Ticket, uint Nonce), Instant> _at = [];
    private readonly Queue<RotationSnapshot> _inOrder = new();

    /// <summary>Notes that the token of that nonce is void.</summary>
    public void Add(RotationSnapshot rotation)
    {
        _inOrder.Enqueue(rotation);
        _at[(rotation.Ticket, rotation.Nonce)] = rotation.At;
    }

    /// <summary>When that token was replaced, or null where it was not.</summary>
    public Instant? Find(long ticket, uint nonce) => _at.TryGetValue((ticket, nonce), out var at) ? at : null;

    /// <summary>Forgets those up to an instant.</summary>
    public void Forget(Instant through)
    {
        while (_inOrder.TryPeek(out var oldest) && oldest.At <= through)
        {
            _inOrder.Dequeue();
            _at.Remove((oldest.Ticket, oldest.Nonce));
        }
    }

    /// <summary>Oldest first; the default where there are none, as in snapshots made before there were any.</summary>
    public ImmutableArray<RotationSnapshot> ToSnapshot() => _inOrder.Count == 0 ? default : [.. _inOrder];
}
