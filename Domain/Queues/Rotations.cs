namespace OrleansConcert.Domain.Queues;

/// <summary>
/// The tokens that were replaced by others for the same place: beside the tokens themselves, since few are. They are a chain that only
/// grows behind and is forgotten from the front.
/// </summary>
internal sealed class Rotations
{
    private readonly Dictionary<(long Ticket, uint Nonce), Instant> _at = [];

    /// <summary>The link before the oldest.</summary>
    private Link _before = new(null!);
    private Link _newest;

    public Rotations() => _newest = _before;

    /// <summary>Notes that the token of that nonce is void.</summary>
    public void Add(RotationSnapshot rotation)
    {
        _newest = _newest.Next = new(rotation);
        _at[(rotation.Ticket, rotation.Nonce)] = rotation.At;
    }

    /// <summary>When that token was replaced, or null where it was not.</summary>
    public Instant? Find(long ticket, uint nonce) => _at.TryGetValue((ticket, nonce), out var at) ? at : null;

    /// <summary>Forgets those up to an instant.</summary>
    public void Forget(Instant through)
    {
        while (_before.Next is { } oldest && oldest.Rotation.At <= through)
        {
            _at.Remove((oldest.Rotation.Ticket, oldest.Rotation.Nonce));
            _before = oldest;
        }
    }

    /// <summary>Those there are now, oldest first, whatever is added or forgotten until they are read.</summary>
    public IEnumerable<RotationSnapshot> Capture() => Between(_before, _newest);

    private static IEnumerable<RotationSnapshot> Between(Link before, Link newest)
    {
        for (var link = before; link != newest;)
        {
            link = link.Next!;
            yield return link.Rotation;
        }
    }

    private sealed class Link(RotationSnapshot rotation)
    {
        public RotationSnapshot Rotation { get; } = rotation;

        public Link? Next { get; set; }
    }
}
