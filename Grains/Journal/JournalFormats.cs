using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansConcert.Domain.Concerts;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Grains.Journal;

/// <summary>How a state is made from its stream and its snapshot, and written to them.</summary>
/// <param name="Streams">What the names of such streams begin with.</param>
/// <param name="Apply">Folds an event of that version.</param>
public sealed record JournalFormat<TState, TEvent>(
    string Streams,
    JsonTypeInfo<TEvent> Event,
    Func<TState> Empty,
    Action<TState, TEvent, long> Apply,
    Func<ReadOnlyMemory<byte>, TState> Restore,
    Func<TState, byte[]> Capture)
{
    public TEvent Read(ReadOnlyMemory<byte> text) => JsonSerializer.Deserialize(text.Span, Event)!;

    public byte[] Write(TEvent happened) => JsonSerializer.SerializeToUtf8Bytes(happened, Event);
}

/// <summary>The formats there are, one a kind of journaled grain.</summary>
public static class JournalFormats
{
    public static readonly JournalFormat<QueueState, QueueEvent> Queue = Of(
        WireNames.QueueStreams,
        JournalJson.Default.QueueEvent,
        JournalJson.Default.QueueSnapshot,
        static () => new QueueState(),
        static (state, happened, version) => state.Apply(happened, version),
        QueueState.From,
        static state => state.ToSnapshot());

    public static readonly JournalFormat<ScheduleState, SeatEvent> Schedule = Of(
        WireNames.ScheduleStreams,
        JournalJson.Default.SeatEvent,
        JournalJson.Default.ScheduleSnapshot,
        static () => new ScheduleState(),
        static (state, happened, version) => state.Apply(happened, version),
        ScheduleState.From,
        static state => state.ToSnapshot());

    public static readonly JournalFormat<WalletState, WalletEvent> Wallet = Of(
        WireNames.WalletStreams,
        JournalJson.Default.WalletEvent,
        JournalJson.Default.WalletSnapshot,
        static () => new WalletState(),
        static (state, happened, _) => state.Apply(happened),
        WalletState.From,
        static state => state.ToSnapshot());

    public static readonly JournalFormat<ConcertState, ConcertEvent> Concert = Of(
        WireNames.ConcertStreams,
        JournalJson.Default.ConcertEvent,
        JournalJson.Default.ConcertSnapshot,
        static () => new ConcertState(),
        static (state, happened, _) => state.Apply(happened),
        ConcertState.From,
        static state => state.ToSnapshot());

    private static JournalFormat<TState, TEvent> Of<TState, TEvent, TSnapshot>(
        string streams,
        JsonTypeInfo<TEvent> events,
        JsonTypeInfo<TSnapshot> snapshots,
        Func<TState> empty,
        Action<TState, TEvent, long> apply,
        Func<TSnapshot, TState> from,
        Func<TState, TSnapshot> to) => new(
            streams,
            events,
            empty,
            apply,
            text => from(JsonSerializer.Deserialize(text.Span, snapshots)!),
            state => JsonSerializer.SerializeToUtf8Bytes(to(state), snapshots));
}
