namespace OrleansConcert.Domain.Queues;

/// <summary>What a board has to know of each WAITING ticket: twelve bytes, in blocks that go when nobody in them waits.</summary>
internal sealed class PlacesInLine
{
    private const int BlockBits = TicketSet.BlockBits;
    private const int BlockSize = 1 << BlockBits;
    private readonly Dictionary<long, Block> _blocks = [];
    private long _lastTicket;

    /// <summary>A ticket starts to wait.</summary>
    public void Add(long ticket, uint nonce, Instant issuedAt)
    {
        if (!_blocks.TryGetValue(ticket >> BlockBits, out var block))
        {
            _blocks.Add(ticket >> BlockBits, block = new());
        }

        block.Count++;
        _lastTicket = Math.Max(_lastTicket, ticket);
        Set(ticket, nonce, issuedAt);
    }

    /// <summary>A ticket that waits has these.</summary>
    public void Set(long ticket, uint nonce, Instant issuedAt)
    {
        var (block, index) = (_blocks[ticket >> BlockBits], ticket & (BlockSize - 1));
        (block.Nonces[index], block.IssuedAt[index]) = (nonce, issuedAt.Milliseconds);
    }

    public (uint Nonce, Instant IssuedAt) Find(long ticket)
    {
        var (block, index) = (_blocks[ticket >> BlockBits], ticket & (BlockSize - 1));
        return (block.Nonces[index], new(block.IssuedAt[index]));
    }

    /// <summary>A ticket waits no more.</summary>
    public (uint Nonce, Instant IssuedAt) Remove(long ticket)
    {
        var place = Find(ticket);
        if (--_blocks[ticket >> BlockBits].Count == 0)
        {
            _blocks.Remove(ticket >> BlockBits);
        }

        return place;
    }

    /// <summary>The next blocks from that number on, so many at the most; none where there are no more.</summary>
    public ImmutableArray<PlacesBlock> From(long number, int count)
    {
        var blocks = ImmutableArray.CreateBuilder<PlacesBlock>();
        for (; blocks.Count < count && number <= _lastTicket >> BlockBits; number++)
        {
            if (_blocks.TryGetValue(number, out var block))
            {
                blocks.Add(new(number, [.. block.Nonces], [.. block.IssuedAt]));
            }
        }

        return blocks.DrainToImmutable();
    }

    /// <summary>Lays a block over the tickets in it that wait.</summary>
    public void Lay(PlacesBlock laid)
    {
        if (_blocks.TryGetValue(laid.Number, out var block))
        {
            laid.Nonces.CopyTo(block.Nonces);
            laid.IssuedAt.CopyTo(block.IssuedAt);
        }
    }

    private sealed class Block
    {
        public int Count { get; set; }

        public uint[] Nonces { get; } = new uint[BlockSize];

        /// <summary>In milliseconds since the epoch.</summary>
        public long[] IssuedAt { get; } = new long[BlockSize];
    }
}
