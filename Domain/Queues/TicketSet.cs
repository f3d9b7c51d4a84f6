using System.Numerics;

namespace OrleansConcert.Domain.Queues;

/// <summary>Some tickets, a bit each.</summary>
public sealed class TicketSet
{
    /// <summary>So many bits of a ticket say where it is in its block, in all that goes by blocks of tickets shown to hosts.</summary>
    public const int BlockBits = 12;

    private const int BlockSize = 1 << BlockBits;
    private readonly Dictionary<long, ulong[]> _blocks = [];

    /// <summary>The number of the block that a ticket is in.</summary>
    public static long BlockOf(long ticket) => ticket >> BlockBits;

    public static TicketSet Of(IEnumerable<long> tickets)
    {
        var set = new TicketSet();
        foreach (var ticket in tickets)
        {
            set.Add(ticket);
        }

        return set;
    }

    public bool Contains(long ticket) =>
        _blocks.TryGetValue(BlockOf(ticket), out var words) && (words[WordOf(ticket)] & BitOf(ticket)) != 0;

    public void Add(long ticket) => Add(ticket, BitOf(ticket));

    /// <summary>Adds all of those.</summary>
    public void Add(ImmutableArray<TicketBlock> blocks)
    {
        foreach (var (first, words) in blocks)
        {
            for (var word = 0; word < words.Length; word++)
            {
                Add(first + (word << 6), words[word]);
            }
        }
    }

    /// <summary>Takes all out.</summary>
    public ImmutableArray<TicketBlock> Take()
    {
        ImmutableArray<TicketBlock> blocks =
            [.. _blocks.OrderBy(block => block.Key).Select(block => new TicketBlock(block.Key << BlockBits, [.. block.Value]))];
        _blocks.Clear();
        return blocks;
    }

    private static int WordOf(long ticket) => (int)(ticket & (BlockSize - 1)) >> 6;

    private static ulong BitOf(long ticket) => 1UL << (int)(ticket & 63);

    /// <param name="bits">Those of the 64 tickets that the ticket is one of.</param>
    private void Add(long ticket, ulong bits)
    {
        if (bits == 0)
        {
            return;
        }

        if (!_blocks.TryGetValue(BlockOf(ticket), out var words))
        {
            _blocks.Add(BlockOf(ticket), words = new ulong[BlockSize / 64]);
        }

        words[WordOf(ticket)] |= bits;
    }
}

/// <summary>Some tickets of a range, as bits.</summary>
/// <param name="First">The ticket of the lowest bit: a multiple of 64.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.TicketBlock")]
public sealed record TicketBlock([property: Id(0)] long First, [property: Id(1)] ImmutableArray<ulong> Words)
{
    /// <summary>The tickets, rising.</summary>
    public IEnumerable<long> Tickets()
    {
        for (var word = 0; word < Words.Length; word++)
        {
            for (var left = Words[word]; left != 0; left &= left - 1)
            {
                yield return First + (word << 6) + BitOperations.TrailingZeroCount(left);
            }
        }
    }
}
