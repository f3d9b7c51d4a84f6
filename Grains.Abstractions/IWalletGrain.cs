using OrleansConcert.Domain.Payments;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>One user's wallet and histories, by user id. Everybody has one.</summary>
[Alias("OrleansConcert.IWalletGrain")]
public interface IWalletGrain : IGrainWithStringKey
{
    [Alias("Get")]
    Task<WalletView> Get();

    [Alias("Charge")]
    Task<Answer<ChargeView>> Charge(long amount, Repeat? repeat);

    /// <summary>
    /// Takes the money for a payment, once whatever the number of calls and however late they come. Durable when answered; that there is
    /// too little is so now only.
    /// </summary>
    /// <param name="startedAt">When the payment began: an hour later it takes nothing that was not taken already.</param>
    [Alias("Debit")]
    Task<Answer<DebitView>> Debit(string paymentId, long amount, Instant startedAt);

    /// <summary>
    /// Gives a payment up: true where it took nothing and never will, or began an hour ago and is not known; false where the debit was
    /// made already.
    /// </summary>
    /// <param name="startedAt">When the payment began.</param>
    [Alias("Void")]
    Task<bool> Void(string paymentId, Instant startedAt);

    /// <summary>Gives the money of a payment that was made back, once whatever the number of calls. Durable when answered.</summary>
    /// <returns>Since when the wallet has it.</returns>
    [Alias("Refund")]
    Task<Instant> Refund(string paymentId, long amount);

    /// <summary>The payment is over: its receipt goes into the history. Idempotent; durable when answered.</summary>
    [Alias("Settle")]
    Task Settle(Receipt receipt);

    /// <summary>Entries older than <paramref name="before"/> (0 for the newest), newest first.</summary>
    [Alias("Entries")]
    Task<Page<WalletEntryView>> Entries(long before, int limit);

    /// <summary>Receipts older than <paramref name="before"/> (0 for the newest), newest first.</summary>
    [Alias("Payments")]
    Task<Page<PaymentView>> Payments(long before, int limit);

    /// <summary>The ids of the user's reservations, older than <paramref name="before"/> (0 for the newest), newest first.</summary>
    [Alias("ReservationIds")]
    Task<Page<ReservationId>> ReservationIds(long before, int limit);
}

/// <summary>A part of a list, and where the next one starts; null at its end.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Page`1")]
public sealed record Page<T>([property: Id(0)] ImmutableArray<T> Items, [property: Id(1)] long? Next);

/// <summary>A reservation in a user's history, and where it stands there.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.ReservationId")]
public sealed record ReservationId([property: Id(0)] string Id, [property: Id(1)] long Position);

/// <summary>A debit that was made.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.DebitView")]
public sealed record DebitView([property: Id(0)] long BalanceAfter);
