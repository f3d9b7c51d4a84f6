namespace OrleansConcert.Domain.Wallets;

/// <summary>A wallet's state as a value, for snapshots and for comparing a replay with memory.</summary>
/// <param name="Refunds">The refunds ever made, oldest first; null where there is none.</param>
public sealed record WalletSnapshot(long Balance, ImmutableArray<Debit> Debits, ImmutableArray<RefundMade>? Refunds = null);

/// <summary>A payment whose money was given back, and when.</summary>
public sealed record RefundMade(string PaymentId, Instant At);
