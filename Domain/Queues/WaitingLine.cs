using System.Numerics;

namespace OrleansConcert.Domain.Queues;

/// <summary>
/// The tickets that wait, in order. A bit a ticket and a count a block: a million waiting cost 130 kB, and a place in the line
/// is found by adding some hundred counts, whatever the holes that leavers made.
/// </summary>
/// <remarks>Invariant: tickets are added in rising order, and every count is the number of bits set in its block.</remarks>
public sealed class WaitingLine
{
    private const int BlockBits = TicketSet.BlockBits;
    private const int BlockSize = 1 << BlockBits;
    private readonly List<Block> _blocks = [];
    private long _firstBlock;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>Puts a ticket, later than all before it, at the end.</summary>
    public void Add(long ticket)
    {
        var block = ticket >> BlockBits;
        if (_blocks.Count == 0)
        {
            _firstBlock = block;
        }

        while (_firstBlock + _blocks.Count <= block)
        {
            _blocks.Add(new Block());
        }

        _blocks[(int)(block - _firstBlock)].Set((int)(ticket & (BlockSize - 1)));
        Count++;
    }

    /// <summary>Takes a ticket out, wherever it stands; false where it did not wait.</summary>
    public bool Remove(long ticket)
    {
        if (!Contains(ticket))
        {
            return false;
        }

        _blocks[(int)((ticket >> BlockBits) - _firstBlock)].Clear((int)(ticket & (BlockSize - 1)));
        Count--;
        var empty = 0;
        while (empty < _blocks.Count && _blocks[empty].Count == 0)
        {
            empty++;
        }

        _blocks.RemoveRange(0, empty);
        _firstBlock += empty;
        return true;
    }

    public bool Contains(long ticket)
    {
        var block = (ticket >> BlockBits) - _firstBlock;
        return block >= 0 && block < _blocks.Count && _blocks[(int)block].Has((int)(ticket & (BlockSize - 1)));
    }

    /// <summary>How many wait with an earlier ticket.</summary>
    public int Ahead(long ticket)
    {
        var block = (ticket >> BlockBits) - _firstBlock;
        if (block < 0)
        {
            return 0;
        }

        var ahead = 0;
        for (var index = 0; index < Math.Min(block, _blocks.Count); index++)
        {
            ahead += _blocks[index].Count;
        }

        return block < _blocks.Count ? ahead + _blocks[(int)block].CountBelow((int)(ticket & (BlockSize - 1))) : ahead;
    }

    /// <summary>The waiting tickets from the front on.</summary>
    public IEnumerable<long> FromFront()
    {
        for (var index = 0; index < _blocks.Count; index++)
        {
            foreach (var bit in _blocks[index].Bits())
            {
                yield return ((_firstBlock + index) << BlockBits) + bit;
            }
        }
    }

    private sealed class Block
    {
        private readonly ulong[] _words = new ulong[BlockSize / 64];

        public int Count { get; private set; }

        public bool Has(int bit) => (_words[bit >> 6] & (1UL << (bit & 63))) != 0;

        public void Set(int bit)
        {
            _words[bit >> 6] |= 1UL << (bit & 63);
            Count++;
        }

        public void Clear(int bit)
        {
            _words[bit >> 6] &= ~(1UL << (bit & 63));
            Count--;
        }

        public int CountBelow(int bit)
        {
            var count = BitOperations.PopCount(_words[bit >> 6] & ((1UL << (bit & 63)) - 1));
            for (var word = 0; word < bit >> 6; word++)
            {
                count += BitOperations.PopCount(_words[word]);
            }

            return count;
        }

        public IEnumerable<int> Bits()
        {
            for (var word = 0; word < _words.Length; word++)
            {
                for (var left = _words[word]; left != 0; left &= left - 1)
                {
                    yield return (word << 6) + BitOperations.TrailingZeroCount(left);
                }
            }
        }
    }
}
