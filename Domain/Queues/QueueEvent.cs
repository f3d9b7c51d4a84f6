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
[GenerateSerializer, Immutable, Alias("OrleansConcert.QueueEvent")]
public abstract record QueueEvent([property: Id(0)] Instant At);

/// <summary>The queue exists from here on; its first interval starts now.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.QueueOpened")]
public sealed record QueueOpened(Instant At, [property: Id(0)] string Preset, [property: Id(1)] QueuePolicy Policy) : QueueEvent(At);

/// <summary>Another policy; deadlines already set stay.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.PolicyChanged")]
public sealed record PolicyChanged(Instant At, [property: Id(0)] string Preset, [property: Id(1)] QueuePolicy Policy) : QueueEvent(At);

/// <summary>Nobody is admitted until the queue resumes.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.QueuePaused")]
public sealed record QueuePaused(Instant At) : QueueEvent(At);

/// <summary>Nobody new may join until the queue resumes; waiters are still admitted.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.QueueDraining")]
public sealed record QueueDraining(Instant At) : QueueEvent(At);

/// <summary>The queue is open again; intervals start anew.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.QueueResumed")]
public sealed record QueueResumed(Instant At) : QueueEvent(At);

/// <summary>A user took the next place.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Joined")]
public sealed record Joined(
    Instant At,
    [property: Id(0)] long Ticket,
    [property: Id(1)] string UserId,
    [property: Id(2)] uint Nonce)
    : QueueEvent(At);

/// <summary>Every WAITING ticket up to and with <paramref name="Through"/> became ACTIVE until <paramref name="ExpiresAt"/>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Admitted")]
public sealed record Admitted(
    Instant At,
    [property: Id(0)] long Through,
    [property: Id(1)] int Count,
    [property: Id(2)] Instant ExpiresAt)
    : QueueEvent(At);

/// <summary>A hold keeps the token alive until then.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Pinned")]
public sealed record Pinned(Instant At, [property: Id(0)] long Ticket, [property: Id(1)] Instant Until) : QueueEvent(At);

/// <summary>The token ended.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Ended")]
public sealed record Ended(
    Instant At,
    [property: Id(0)] long Ticket,
    [property: Id(1)] string UserId,
    [property: Id(2)] TokenStatus Status,
    [property: Id(3)] EndReason Reason,
    [property: Id(4)] string? PaymentId = null,
    [property: Id(5)] string? Why = null)
    : QueueEvent(At);

/// <summary>The place has another token from here on: the one that carries <paramref name="Nonce"/>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Rotated")]
public sealed record Rotated(
    Instant At,
    [property: Id(0)] long Ticket,
    [property: Id(1)] string UserId,
    [property: Id(2)] uint Nonce)
    : QueueEvent(At);
