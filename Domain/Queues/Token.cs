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

/// <summary>
/// One user's place in a queue. Times that have not come are <see cref="Instant.Epoch"/>; kept small, since a million wait.
/// </summary>
public sealed class Token(long ticket, string userId, uint nonce, Instant issuedAt)
{
    public long Ticket { get; } = ticket;

    public string UserId { get; } = userId;

    /// <summary>A token on the wire is this one only if it carries the same nonce.</summary>
    public uint Nonce { get; internal set; } = nonce;

    public Instant IssuedAt { get; } = issuedAt;

    public TokenStatus Status { get; internal set; }

    /// <summary>
    /// When it ends if its owner stays silent. Not journaled: after a restart everybody counts as just seen, so that nobody
    /// loses a place by our doing.
    /// </summary>
    public Instant IdleAt { get; internal set; } = Instant.Never;

    /// <summary>When its owner was last heard of. Not journaled.</summary>
    internal Instant SeenAt { get; set; }

    /// <summary>Until when a hold keeps it alive, where its time would last so long anyway. Not journaled.</summary>
    public Instant HeldUntil { get; internal set; }

    /// <summary>The deadline under which the token now stands in <see cref="QueueState.Wakes"/>.</summary>
    internal Instant WakeAt { get; set; } = Instant.Never;

    /// <summary>The version of its last change.</summary>
    public long ChangedAt { get; internal set; }

    /// <summary>Set from the admission on, or at an end.</summary>
    internal Admission? Admission { get; set; }

    public bool IsLive => Status is TokenStatus.Waiting or TokenStatus.Active;

    public Instant? ActivatedAt => Admission is { ActivatedAt: var at } && at > Instant.Epoch ? at : null;

    /// <summary>The end of its time as ACTIVE; a pin may carry it further.</summary>
    public Instant? ExpiresAt => Admission is { ExpiresAt: var at } && at > Instant.Epoch ? at : null;

    /// <summary>Until when a hold keeps it alive whatever else says that it ends.</summary>
    public Instant PinnedUntil => Admission?.PinnedUntil ?? Instant.Epoch;

    /// <summary>Whether it may have a live hold.</summary>
    public bool IsHeldAt(Instant now) => Instant.Max(PinnedUntil, HeldUntil) > now;

    /// <summary>
    /// When it ends by itself: ACTIVE at the end of its time or when idle, but not before its holds do; WAITING only when idle.
    /// </summary>
    public Instant EndsAt => Status switch
    {
        TokenStatus.Waiting => IdleAt,
        TokenStatus.Active => Instant.Max(Instant.Min(Admission!.ExpiresAt, IdleAt), Instant.Max(PinnedUntil, HeldUntil)),
        TokenStatus.Done or TokenStatus.Expired or TokenStatus.Cancelled => Admission!.EndedAt,
    };

    public Instant? EndedAt => IsLive ? null : Admission!.EndedAt;

    public EndReason? Reason => IsLive ? null : Admission!.Reason;

    public string? PaymentId => Admission?.PaymentId;
}

/// <summary>What only an admitted or ended token has.</summary>
internal sealed class Admission
{
    public Instant ActivatedAt { get; set; }

    public Instant ExpiresAt { get; set; }

    public Instant PinnedUntil { get; set; }

    /// <summary>Whether it was ACTIVE before this memory began: permits that were not journaled may be forgotten. Not journaled.</summary>
    public bool OutlivedMemory { get; set; }

    public Instant EndedAt { get; set; }

    public EndReason Reason { get; set; }

    public string? PaymentId { get; set; }
}
