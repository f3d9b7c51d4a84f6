using System.Text.Json.Serialization;
using OrleansConcert.Domain.Concerts;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Grains.Journal;

/// <summary>
/// How events and snapshots are stored. Pinned by tests: what the first version wrote is read by every later one, so members are
/// only ever added, and an unknown one is skipped.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(DurationJsonConverter),
        typeof(UpperCase<TokenStatus>), typeof(UpperCase<EndReason>), typeof(UpperCase<QueueMode>),
        typeof(UpperCase<Reissue>), typeof(UpperCase<WalletGate>), typeof(UpperCase<BrowseGate>),
        typeof(UpperCase<ReservationStatus>), typeof(UpperCase<ReleaseReason>), typeof(UpperCase<AbortReason>),
        typeof(UpperCase<DebitStatus>),
    ])]
[JsonSerializable(typeof(QueueEvent))]
[JsonSerializable(typeof(SeatEvent))]
[JsonSerializable(typeof(WalletEvent))]
[JsonSerializable(typeof(ConcertEvent))]
[JsonSerializable(typeof(QueueSnapshot))]
[JsonSerializable(typeof(TokensSnapshot))]
[JsonSerializable(typeof(ScheduleSnapshot))]
[JsonSerializable(typeof(WalletSnapshot))]
[JsonSerializable(typeof(ConcertSnapshot))]
public sealed partial class JournalJson : JsonSerializerContext;
