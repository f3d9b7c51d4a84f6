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
/// <param name="Capture">
/// The pieces of a snapshot of the state as it is now, in the order in which <paramref name="Restore"/> takes them. A piece is made
/// when it is asked for, and what is folded in between is not in it; all are to be asked for.
/// </param>
public sealed record JournalFormat<TState, TEvent>(
    string Streams,
    JsonTypeInfo<TEvent> Event,
    Func<TState> Empty,
    Action<TState, TEvent, long> Apply,
    Func<IReadOnlyList<ReadOnlyMemory<byte>>, TState> Restore,
    Func<TState, IEnumerable<byte[]>> Capture)
{
    public TEvent Read(ReadOnlyMemory<byte> text) => JsonSerializer.Deserialize(text.Span, Event)!;

    public byte[] Write(TEvent happened) => JsonSerializer.SerializeToUtf8Bytes(happened, Event);
}

/// <summary>The formats there are, one a kind of journaled grain.</summary>
public static class JournalFormats
{
    public static readonly JournalFormat<QueueState, QueueEvent> Queue = new(
        WireNames.QueueStreams,
        JournalJson.Default.QueueEvent,
        static () => new QueueState(),
        static (state, happened, version) => state.Apply(happened, version),
        static pieces => QueueState.From(
            Read(pieces[0], JournalJson.Default.QueueSnapshot),
            pieces.Skip(1).Select(static piece => Read(piece, JournalJson.Default.TokensSnapshot))),
        static state =>
        {
            var (head, tokens) = state.Capture();
            return tokens.Select(static piece => JsonSerializer.SerializeToUtf8Bytes(piece, JournalJson.Default.TokensSnapshot))
                .Prepend(JsonSerializer.SerializeToUtf8Bytes(head, JournalJson.Default.QueueSnapshot));
        });

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
            pieces => from(Read(pieces[0], snapshots)),
            state => [JsonSerializer.SerializeToUtf8Bytes(to(state), snapshots)]);

    private static T Read<T>(ReadOnlyMemory<byte> piece, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(piece.Span, type)!;
}
