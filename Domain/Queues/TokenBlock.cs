namespace OrleansConcert.Domain.Queues;

/// <summary>
/// 1,024 tickets in a row, in columns: as an object each, a million that wait would take several times the memory, and every
/// collection of garbage would visit them all.
/// </summary>
internal sealed class TokenBlock(long number)
{
    public const int Bits = 10;
    public const int Size = 1 << Bits;

    /// <summary>Set where a token is known. A forgotten one keeps the rest for whoever still has it in hand.</summary>
    private const byte Known = 0x80;

    private readonly int[] _userStarts = new int[Size];
    private readonly ushort[] _userLengths = new ushort[Size];
    private byte[] _users = [];
    private int _usersLength;
    private byte[] _statuses = new byte[Size];
    private Admission?[]? _admissions;
    private Dictionary<int, Instant>? _heldUntil;
    private int _next;

    public long Number { get; } = number;

    /// <summary>How many tokens are known.</summary>
    public int Count { get; private set; }

    public uint[] Nonces { get; private set; } = new uint[Size];

    public Instant[] IssuedAt { get; } = new Instant[Size];

    public Instant[] SeenAt { get; } = new Instant[Size];

    public Instant[] IdleAt { get; } = new Instant[Size];

    public long[] ChangedAt { get; } = new long[Size];

    /// <summary>
    /// When a token may come to an end of each kind: never later than the first does, and early where that one was heard of since.
    /// </summary>
    public Instant[] LookAt { get; } = [Instant.Never, Instant.Never];

    /// <summary>Takes in a token, WAITING.</summary>
    public void Add(int index, ReadOnlySpan<byte> userId, uint nonce, Instant issuedAt)
    {
        (_userStarts[index], _userLengths[index]) = (_usersLength, checked((ushort)userId.Length));
        _usersLength += userId.Length;
        if (_usersLength > _users.Length)
        {
            Array.Resize(ref _users, Math.Max(_usersLength, _users.Length * 2));
        }

        userId.CopyTo(_users.AsSpan(_userStarts[index]));
        _next = Math.Max(_next, index + 1);
        if (index == Size - 1)
        {
            Array.Resize(ref _users, _usersLength);
        }

        (Nonces[index], IssuedAt[index], IdleAt[index]) = (nonce, issuedAt, Instant.Never);
        _statuses[index] = Known | (byte)TokenStatus.Waiting;
        Count++;
    }

    public void Forget(int index)
    {
        _statuses[index] &= unchecked((byte)~Known);
        Count--;
    }

    public bool Has(int index) => (_statuses[index] & Known) != 0;

    public bool IsLive(int index) => Has(index) && StatusOf(index) is TokenStatus.Waiting or TokenStatus.Active;

    public ReadOnlySpan<byte> UserOf(int index) => _users.AsSpan(_userStarts[index], _userLengths[index]);

    public TokenStatus StatusOf(int index) => (TokenStatus)(_statuses[index] & ~Known);

    public void SetStatus(int index, TokenStatus status) => _statuses[index] = (byte)((_statuses[index] & Known) | (byte)status);

    public Admission? AdmissionOf(int index) => _admissions?[index];

    public void SetAdmission(int index, Admission admission) => (_admissions ??= new Admission?[Size])[index] = admission;

    public Instant HeldUntil(int index) => _heldUntil?.GetValueOrDefault(index) ?? Instant.Epoch;

    public void Hold(int index, Instant until)
    {
        if (until > Instant.Epoch)
        {
            (_heldUntil ??= [])[index] = until;
        }
        else
        {
            _heldUntil?.Remove(index);
        }
    }

    /// <summary>When it ends by itself, if it is live: when its time is over or when idle, whichever comes first.</summary>
    public Instant EndsAt(int index) => StatusOf(index) is TokenStatus.Waiting or TokenStatus.Active
        ? Instant.Min(EndsAt(index, ClockEnd.TimeOver), EndsAt(index, ClockEnd.Idle))
        : _admissions![index]!.EndedAt;

    /// <summary>When a live one comes to that end: ACTIVE to either, but not before its holds end; WAITING only when idle.</summary>
    public Instant EndsAt(int index, ClockEnd end)
    {
        if (StatusOf(index) == TokenStatus.Waiting)
        {
            return end == ClockEnd.Idle ? IdleAt[index] : Instant.Never;
        }

        var admission = _admissions![index]!;
        return Instant.Max(
            end == ClockEnd.Idle ? IdleAt[index] : admission.ExpiresAt, Instant.Max(admission.PinnedUntil, HeldUntil(index)));
    }

    /// <summary>When the first of its live tokens comes to that end; <see cref="Instant.Never"/> where none will.</summary>
    public Instant FirstEnd(ClockEnd end)
    {
        var first = Instant.Never;
        for (var index = 0; index < _next; index++)
        {
            if (IsLive(index))
            {
                first = Instant.Min(first, EndsAt(index, end));
            }
        }

        return first;
    }

    /// <summary>The live tokens that come to that end until then, by ticket.</summary>
    public IEnumerable<Token> Ending(ClockEnd end, Instant until)
    {
        for (var index = 0; index < _next; index++)
        {
            if (Ends(index, end, until))
            {
                yield return new(this, index);
            }
        }
    }

    /// <summary>The tickets of <see cref="Ending"/>, a bit each: there may be a million.</summary>
    public TicketBlock TicketsEnding(ClockEnd end, Instant until)
    {
        var words = new ulong[Size / 64];
        for (var index = 0; index < _next; index++)
        {
            words[index >> 6] |= Ends(index, end, until) ? 1UL << (index & 63) : 0;
        }

        return new(Number << Bits, [.. words]);
    }

    /// <summary>The known tokens, by ticket.</summary>
    public IEnumerable<Token> Tokens()
    {
        for (var index = 0; index < _next; index++)
        {
            if (Has(index))
            {
                yield return new(this, index);
            }
        }
    }

    private bool Ends(int index, ClockEnd end, Instant until) =>
        IsLive(index) && EndsAt(index, end) is var endsAt && endsAt <= until && endsAt < Instant.Never;

    /// <summary>What a snapshot has of it, as it is now. The rest is shared: it is only ever added to, or in no snapshot.</summary>
    public TokenBlock Copy()
    {
        var copy = (TokenBlock)MemberwiseClone();
        (copy._statuses, copy.Nonces, copy._admissions) = ([.. _statuses], [.. Nonces], _admissions is null ? null : [.. _admissions]);
        return copy;
    }
}

/// <summary>How a live token may end by the clock.</summary>
internal enum ClockEnd
{
    TimeOver,
    Idle,
}

/// <summary>What only an admitted or ended token has. Times that have not come are <see cref="Instant.Epoch"/>.</summary>
internal sealed record Admission
{
    public Instant ActivatedAt { get; init; }

    public Instant ExpiresAt { get; init; }

    public Instant PinnedUntil { get; init; }

    /// <summary>Whether it was ACTIVE before this memory began: permits that were not journaled may be forgotten. Not journaled.</summary>
    public bool OutlivedMemory { get; set; }

    public Instant EndedAt { get; init; }

    public EndReason Reason { get; init; }

    public string? PaymentId { get; init; }
}
