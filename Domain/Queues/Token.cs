using System.Text;

namespace OrleansConcert.Domain.Queues;

/// <summary>Where a token is in its life. It moves down this list only, and ends once.</summary>
public enum TokenStatus
{
    Waiting,
    Active,

    /// <summary>Its purchase is paid.</summary>
    Done,

    /// <summary>Its time was over, it was idle, or its owner joined again and got another place.</summary>
    Expired,

    /// <summary>Its owner left, or an operator ended it.</summary>
    Cancelled,
}

/// <summary>Why a token ended.</summary>
public enum EndReason
{
    Paid,
    Ttl,
    Idle,
    Left,

    /// <summary>Its owner joined again and was given a new place at the end.</summary>
    Requeued,

    /// <summary>Its owner joined again and was given a new token for the same place. Of a token's text only, never of a place.</summary>
    Rotated,

    /// <summary>An operator ended it.</summary>
    Admin,
}

/// <summary>One user's place in a queue. It is a view of what the queue has, and shows what becomes of it.</summary>
public sealed class Token
{
    private readonly TokenBlock _block;
    private readonly int _index;

    internal Token(TokenBlock block, int index) => (_block, _index) = (block, index);

    public long Ticket => (_block.Number << TokenBlock.Bits) + _index;

    public string UserId => Encoding.UTF8.GetString(_block.UserOf(_index));

    /// <summary>A token on the wire is this one only if it carries the same nonce.</summary>
    public uint Nonce
    {
        get => _block.Nonces[_index];
        internal set => _block.Nonces[_index] = value;
    }

    public Instant IssuedAt => _block.IssuedAt[_index];

    public TokenStatus Status
    {
        get => _block.StatusOf(_index);
        internal set => _block.SetStatus(_index, value);
    }

    /// <summary>
    /// When it ends if its owner stays silent. Not journaled: after a restart everybody counts as just seen, so that nobody
    /// loses a place by our doing.
    /// </summary>
    public Instant IdleAt => _block.IdleAt[_index];

    /// <summary>Until when a hold keeps it alive, where its time would last so long anyway. Not journaled.</summary>
    public Instant HeldUntil => _block.HeldUntil(_index);

    /// <summary>The version of its last change.</summary>
    public long ChangedAt
    {
        get => _block.ChangedAt[_index];
        internal set => _block.ChangedAt[_index] = value;
    }

    /// <summary>Set from the admission on, or at an end.</summary>
    internal Admission? Admission
    {
        get => _block.AdmissionOf(_index);
        set => _block.SetAdmission(_index, value!);
    }

    internal void HoldUntil(Instant until) => _block.Hold(_index, until);

    public bool IsLive => Status is TokenStatus.Waiting or TokenStatus.Active;

    public Instant? ActivatedAt => Admission is { ActivatedAt: var at } && at > Instant.Epoch ? at : null;

    /// <summary>The end of its time as ACTIVE; a pin may carry it further.</summary>
    public Instant? ExpiresAt => Admission is { ExpiresAt: var at } && at > Instant.Epoch ? at : null;

    /// <summary>Until when a hold keeps it alive whatever else says that it ends.</summary>
    public Instant PinnedUntil => Admission?.PinnedUntil ?? Instant.Epoch;

    /// <summary>Whether it may have a live hold.</summary>
    public bool IsHeldAt(Instant now) => Instant.Max(PinnedUntil, HeldUntil) > now;

    /// <inheritdoc cref="TokenBlock.EndsAt(int)"/>
    public Instant EndsAt => _block.EndsAt(_index);

    /// <summary>When it comes to that end, if it is live. A hold keeps it from either: while it has one it may be heard of.</summary>
    internal Instant ComesTo(ClockEnd end) => _block.EndsAt(_index, end);

    public Instant? EndedAt => IsLive ? null : Admission!.EndedAt;

    public EndReason? Reason => IsLive ? null : Admission!.Reason;

    public string? PaymentId => Admission?.PaymentId;
}
