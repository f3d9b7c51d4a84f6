using System.Text.Json.Serialization;
using OrleansConcert.Domain.Payments;

namespace OrleansConcert.Domain.Wallets;

/// <summary>
/// What happened in a wallet; <c>Balance</c> is what it held afterwards. These texts are stored for ever: names and members are
/// only ever added, and old ones stay readable (pinned by tests).
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "what")]
[JsonDerivedType(typeof(Charged), "Charged")]
[JsonDerivedType(typeof(Debited), "Debited")]
[JsonDerivedType(typeof(DebitVoided), "DebitVoided")]
[JsonDerivedType(typeof(Refunded), "Refunded")]
[JsonDerivedType(typeof(Receipted), "Receipted")]
public abstract record WalletEvent(Instant At);

/// <summary>Money came in.</summary>
public sealed record Charged(Instant At, string EntryId, long Amount, long Balance) : WalletEvent(At);

/// <summary>Money was taken for a payment, once by its id.</summary>
public sealed record Debited(Instant At, string EntryId, string PaymentId, long Amount, long Balance) : WalletEvent(At);

/// <summary>The payment was given up before its debit came: should the debit still come, it takes nothing.</summary>
public sealed record DebitVoided(Instant At, string PaymentId) : WalletEvent(At);

/// <summary>The money of a payment was given back.</summary>
public sealed record Refunded(Instant At, string EntryId, string PaymentId, long Amount, long Balance) : WalletEvent(At);

/// <summary>The payment is settled; its receipt is kept in the payer's history.</summary>
public sealed record Receipted(Instant At, Receipt Receipt) : WalletEvent(At);
