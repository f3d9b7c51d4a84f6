using System.Numerics;

namespace OrleansConcert.Domain.Queues;

/// <summary>Some tickets, a bit each.</summary>
public sealed class TicketSet
{
    private const int BlockBits = 12;
    private const int Words = (1 << BlockBits) / 64;
    private readonly Dictionary<long, ulong[]> _blocks = [];

    public bool IsEmpty => _blocks.Count == 0;

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

    public void Add(long ticket)
    {
        if (!_blocks.TryGetValue(ticket >> BlockBits, out var words))
        {
            _blocks.Add(ticket >> BlockBits, words = new ulong[Words]);
        }

        var bit = (int)(ticket & ((1 << BlockBits) - 1));
        words[bit >> 6] |= 1UL << (bit & 63);
    }

    /// <summary>Adds all of those.</summary>
    public void Add(ImmutableArray<TicketBlock> blocks)
    {
        foreach (var ticket in blocks.SelectMany(block => block.Tickets()))
        {
            Add(ticket);
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
}

/// <summary>Some tickets of a range, as bits.</summary>
/// <param name="First">The ticket of the lowest bit.</param>
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
