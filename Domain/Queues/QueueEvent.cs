using System.Text.Json.Serialization;

namespace OrleansConcert.Domain.Queues;

/// <summary>
/// What happened in a queue. These texts are stored for ever: names and members are only ever added, and old ones stay
/// readable (pinned by tests).
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "what")]
[JsonDerivedType(typeof(QueueOpened), "QueueOpened")]
[JsonDerivedType(typeof(PolicyChanged), "PolicyChanged")]
[JsonDerivedType(typeof(QueuePaused), "QueuePaused")]
[JsonDerivedType(typeof(QueueDraining), "QueueDraining")]
[JsonDerivedType(typeof(QueueResumed), "QueueResumed")]
[JsonDerivedType(typeof(Joined), "Joined")]
[JsonDerivedType(typeof(Admitted), "Admitted")]
[JsonDerivedType(typeof(Pinned), "Pinned")]
[JsonDerivedType(typeof(Ended), "Ended")]
[JsonDerivedType(typeof(Rotated), "Rotated")]
public abstract record QueueEvent(Instant At);

/// <summary>The queue exists from here on; its first interval starts now.</summary>
public sealed record QueueOpened(Instant At, string Preset, QueuePolicy Policy) : QueueEvent(At);

/// <summary>Another policy; deadlines already set stay.</summary>
public sealed record PolicyChanged(Instant At, string Preset, QueuePolicy Policy) : QueueEvent(At);

/// <summary>Nobody is admitted until the queue resumes.</summary>
public sealed record QueuePaused(Instant At) : QueueEvent(At);

/// <summary>Nobody new may join until the queue resumes; waiters are still admitted.</summary>
public sealed record QueueDraining(Instant At) : QueueEvent(At);

/// <summary>The queue is open again; intervals start anew.</summary>
public sealed record QueueResumed(Instant At) : QueueEvent(At);

/// <summary>A user took the next place.</summary>
public sealed record Joined(Instant At, long Ticket, string UserId, uint Nonce) : QueueEvent(At);

/// <summary>Every WAITING ticket up to and with <paramref name="Through"/> became ACTIVE until <paramref name="ExpiresAt"/>.</summary>
public sealed record Admitted(Instant At, long Through, int Count, Instant ExpiresAt) : QueueEvent(At);

/// <summary>A hold keeps the token alive until then.</summary>
public sealed record Pinned(Instant At, long Ticket, Instant Until) : QueueEvent(At);

/// <summary>The token ended.</summary>
public sealed record Ended(
    Instant At, long Ticket, string UserId, TokenStatus Status, EndReason Reason, string? PaymentId = null, string? Why = null)
    : QueueEvent(At);

/// <summary>The place has another token from here on: the one that carries <paramref name="Nonce"/>.</summary>
public sealed record Rotated(Instant At, long Ticket, string UserId, uint Nonce) : QueueEvent(At);
