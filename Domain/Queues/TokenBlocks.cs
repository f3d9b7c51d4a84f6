using System.Text;

namespace OrleansConcert.Domain.Queues;

/// <summary>Every known token of a queue, by ticket, in blocks; a block goes with the last of its tokens.</summary>
internal sealed class TokenBlocks
{
    private readonly List<TokenBlock?> _blocks = [];
    private readonly SortedSet<(Instant At, long Block)>[] _looks = [[], []];
    private readonly List<Capturing> _captures = [];
    private long _first;

    /// <summary>How many are known.</summary>
    public int Count { get; private set; }

    /// <summary>When a token may come to that end: never later than the first does; <see cref="Instant.Never"/> where none will.</summary>
    public Instant NextLook(ClockEnd end) => _looks[(int)end] is { Count: > 0 } looks ? looks.Min.At : Instant.Never;

    public static int IndexOf(long ticket) => (int)(ticket & (TokenBlock.Size - 1));

    /// <summary>The block of a known token, or null where it is not known.</summary>
    public TokenBlock? BlockOf(long ticket) =>
        Block(ticket >> TokenBlock.Bits) is { } block && block.Has(IndexOf(ticket)) ? block : null;

    public Token? Find(long ticket) => BlockOf(ticket) is { } block ? new(block, IndexOf(ticket)) : null;

    /// <summary>A known token that is about to change in what a snapshot says of it.</summary>
    public Token Changing(long ticket)
    {
        var block = BlockOf(ticket) ?? throw new KeyNotFoundException($"Ticket {ticket} is not known.");
        Keep(block);
        return new(block, IndexOf(ticket));
    }

    /// <summary>Takes in a token, WAITING: in a block behind all others, or in the last.</summary>
    public Token Add(long ticket, string userId, uint nonce, Instant issuedAt)
    {
        var number = ticket >> TokenBlock.Bits;
        _first = _blocks.Count == 0 ? number : _first;
        while (_first + _blocks.Count <= number)
        {
            _blocks.Add(null);
        }

        var block = _blocks[(int)(number - _first)] ??= new(number);
        Keep(block);
        block.Add(IndexOf(ticket), Encoding.UTF8.GetBytes(userId), nonce, issuedAt);
        Count++;
        return new(block, IndexOf(ticket));
    }

    public void Forget(long ticket)
    {
        var block = BlockOf(ticket)!;
        Keep(block);
        block.Forget(IndexOf(ticket));
        Count--;
        if (block.Count > 0)
        {
            return;
        }

        Look(block, ClockEnd.TimeOver, Instant.Never);
        Look(block, ClockEnd.Idle, Instant.Never);
        _blocks[(int)(block.Number - _first)] = null;
        var gone = _blocks.FindIndex(kept => kept is not null);
        gone = gone < 0 ? _blocks.Count : gone;
        _blocks.RemoveRange(0, gone);
        _first += gone;
    }

    public IEnumerable<TokenBlock> Blocks() => _blocks.OfType<TokenBlock>();

    /// <summary>Sees to it that the token is looked at when it may end.</summary>
    public void Wake(TokenBlock block, int index)
    {
        Wake(block, index, ClockEnd.TimeOver);
        Wake(block, index, ClockEnd.Idle);
    }

    /// <summary>The blocks in which a token may come to that end until then, so many at the most, earliest first.</summary>
    public IEnumerable<TokenBlock> Reached(ClockEnd end, Instant until, int atMost) =>
        _looks[(int)end].TakeWhile(look => look.At <= until).Take(atMost).Select(look => Block(look.Block)!);

    /// <summary>Finds out when such blocks have to be looked at next.</summary>
    public void LookAgain(ClockEnd end, Instant until, int atMost)
    {
        foreach (var block in Reached(end, until, atMost).ToArray())
        {
            Look(block, end, block.FirstEnd(end));
        }
    }

    /// <summary>
    /// Every block as it is now, whatever changes until it is read: what has not been read is copied when it is about to change. Each
    /// is to be used up before anything changes.
    /// </summary>
    public IEnumerable<TokenBlock> Capture()
    {
        var capture = new Capturing(_first, _first + _blocks.Count);
        _captures.Add(capture);
        return Read(capture);
    }

    private IEnumerable<TokenBlock> Read(Capturing capture)
    {
        try
        {
            while (capture.Next < capture.End)
            {
                var number = capture.Next++;
                if ((capture.Kept.Remove(number, out var kept) ? kept : Block(number)) is { } block)
                {
                    yield return block;
                }
            }
        }
        finally
        {
            _captures.Remove(capture);
        }
    }

    private TokenBlock? Block(long number) =>
        number >= _first && number < _first + _blocks.Count ? _blocks[(int)(number - _first)] : null;

    private void Keep(TokenBlock block)
    {
        foreach (var capture in _captures)
        {
            if (block.Number >= capture.Next && block.Number < capture.End && !capture.Kept.ContainsKey(block.Number))
            {
                capture.Kept.Add(block.Number, block.Copy());
            }
        }
    }

    private void Wake(TokenBlock block, int index, ClockEnd end)
    {
        var endsAt = block.EndsAt(index, end);
        if (endsAt < block.LookAt[(int)end])
        {
            Look(block, end, endsAt);
        }
    }

    private void Look(TokenBlock block, ClockEnd end, Instant at)
    {
        var looks = _looks[(int)end];
        looks.Remove((block.LookAt[(int)end], block.Number));
        block.LookAt[(int)end] = at;
        if (at < Instant.Never)
        {
            looks.Add((at, block.Number));
        }
    }

    /// <summary>The blocks still to be read, and those of them that have changed since, as they were.</summary>
    private sealed class Capturing(long first, long end)
    {
        public long Next { get; set; } = first;

        public long End { get; } = end;

        public Dictionary<long, TokenBlock> Kept { get; } = [];
    }
}
