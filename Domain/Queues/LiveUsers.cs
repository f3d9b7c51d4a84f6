using System.Text;

namespace OrleansConcert.Domain.Queues;

/// <summary>
/// Which users have a live token. It keeps their tickets alone, and reads the names where the tokens have them. In parts, so that the
/// growth of one is never noticed.
/// </summary>
internal sealed class LiveUsers(TokenBlocks tokens) : IEqualityComparer<long>, IAlternateEqualityComparer<ReadOnlySpan<byte>, long>
{
    private const int Parts = 256;
    private readonly HashSet<long>?[] _parts = new HashSet<long>?[Parts];

    /// <summary>The live ticket of that user, or 0.</summary>
    public long Find(string userId)
    {
        var user = Encoding.UTF8.GetBytes(userId).AsSpan();
        return _parts[PartOf(GetHashCode(user))] is { } part
            && part.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(user, out var ticket) ? ticket : 0;
    }

    /// <summary>Takes in a known ticket whose user has no other.</summary>
    public void Add(long ticket)
    {
        if (!(_parts[PartOf(GetHashCode(ticket))] ??= new(this)).Add(ticket))
        {
            throw new ArgumentException($"Ticket {ticket} is live already.", nameof(ticket));
        }
    }

    public void Remove(long ticket) => _parts[PartOf(GetHashCode(ticket))]?.Remove(ticket);

    public bool Equals(long x, long y) => x == y;

    public int GetHashCode(long ticket) => GetHashCode(UserOf(ticket));

    public bool Equals(ReadOnlySpan<byte> user, long ticket) => user.SequenceEqual(UserOf(ticket));

    public int GetHashCode(ReadOnlySpan<byte> user)
    {
        var hash = default(HashCode);
        hash.AddBytes(user);
        return hash.ToHashCode();
    }

    public long Create(ReadOnlySpan<byte> user) => throw new NotSupportedException("A ticket is not made from a name.");

    private static int PartOf(int hash) => hash & (Parts - 1);

    private ReadOnlySpan<byte> UserOf(long ticket) => tokens.BlockOf(ticket)!.UserOf(TokenBlocks.IndexOf(ticket));
}
