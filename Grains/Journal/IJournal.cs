namespace OrleansConcert.Grains.Journal;

/// <summary>
/// The journal: streams of events, each stream fenced by its head, all durable before they are acknowledged.
/// Every other durable thing (small state, reminders, histories, stored answers) stands on it.
/// </summary>
/// <remarks>
/// A task returned here always completes by itself, with a result or with a <see cref="JournalException"/>: nothing waits
/// for ever. It is completed so that its continuation never runs inline on the writer.
/// </remarks>
public interface IJournal
{
    /// <summary>The latest instant in the journal, or the Unix epoch where it is empty: the clock never starts before it.</summary>
    DateTimeOffset LastInstant { get; }

    /// <summary>Makes one append durable, whole or not at all, and in order with the others of its stream.</summary>
    /// <exception cref="JournalException">It was not written, or nobody knows.</exception>
    Task<AppendResult> Append(Append append);

    /// <summary>Whether others may write the same journal at the same time: other processes, each with activations of its own.</summary>
    bool IsShared { get; }

    /// <summary>
    /// The version of the stream's last event, whoever wrote it; 0 where there is none. Waits for a write still executing.
    /// </summary>
    Task<long> Head(string stream);

    /// <summary>The newest snapshot of a stream and every event after it, oldest first. Waits for writes still executing.</summary>
    Task<LoadedStream> Load(string stream);

    /// <summary>Entries of a stream below the version <paramref name="before"/>, newest first, at most <paramref name="count"/>.</summary>
    Task<IReadOnlyList<JournalEntry>> ReadBackward(string stream, long before, int count);

    /// <summary>Every entry of the journal up to the position it has when called, in the order in which they became durable.</summary>
    /// <remarks>Entries of one stream come in version order. Meant for the auditor: it reads the log, no grain's memory.</remarks>
    IAsyncEnumerable<JournalEntry> ReadAll(CancellationToken cancellationToken);

    /// <summary>
    /// The position behind the last durable entry, with nothing still to come before it; 0 where there is none. It only grows.
    /// </summary>
    Task<long> End();

    /// <summary>As <see cref="ReadAll"/>, the entries between two positions that <see cref="End"/> gave; 0 is before the first.</summary>
    IAsyncEnumerable<JournalEntry> Read(long after, long upTo, CancellationToken cancellationToken);

    /// <summary>The answer stored for this caller's key within the last <see cref="StoredAnswer.Retention"/>, or null.</summary>
    Task<StoredAnswer?> FindAnswer(string caller, string key);

    /// <summary>
    /// Replaces the snapshot of a stream, all pieces or none. <paramref name="version"/> must be durable already; an older
    /// snapshot than the one kept is ignored.
    /// </summary>
    Task SaveSnapshot(string stream, long version, IReadOnlyList<ReadOnlyMemory<byte>> pieces);

    /// <summary>The streams whose last append said that they have unfinished work: whoever starts the process wakes them.</summary>
    Task<IReadOnlyCollection<string>> UnfinishedStreams();
}

/// <summary>One atomic write: the events of one stream, the answer they owe, and notes for other streams.</summary>
public sealed record Append
{
    /// <summary>The stream, such as <c>schedule/friday</c>; at most 200 characters.</summary>
    public required string Stream { get; init; }

    /// <summary>
    /// The version of the stream's last event as the writer knows it; 0 for a new stream. The first event here gets
    /// <c>Head + 1</c>. Where the stream is elsewhere by now nothing of this append is written (the fence).
    /// </summary>
    public required long Head { get; init; }

    /// <summary>The events as UTF-8 JSON, oldest first. Empty where only an answer is stored; then the head is not checked.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Events { get; init; }

    /// <summary>The instant of the decision, whole milliseconds.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>
    /// Whether the stream has unfinished work after this append (payments in flight, live tokens). Without events the stream
    /// stays as it was.
    /// </summary>
    public bool Unfinished { get; init; }

    /// <summary>The answer this write owes to a repeatable request; unique by caller and key in the whole journal.</summary>
    public StoredAnswer? Answer { get; init; }

    /// <summary>Entries for streams without a fence (histories): each goes to the end of its stream with this write.</summary>
    public IReadOnlyList<Note> Notes { get; init; } = [];
}

/// <summary>An entry appended to the end of an unfenced stream, such as <c>reservations/alice</c>.</summary>
public sealed record Note(string Stream, ReadOnlyMemory<byte> Text);

/// <summary>The first answer given to a request with an idempotency key. Kept for 24 hours.</summary>
/// <param name="Caller">Whose key it is; keys of different callers never meet.</param>
/// <param name="Key">The key as the client sent it, unquoted; 1 to 255 characters.</param>
/// <param name="Fingerprint">SHA-256 of method, path and raw body: 32 bytes.</param>
/// <param name="Status">The HTTP status of the answer.</param>
/// <param name="Body">The answer's body, byte for byte.</param>
/// <param name="At">When it was first given, whole milliseconds.</param>
public sealed record StoredAnswer(
    string Caller, string Key, ReadOnlyMemory<byte> Fingerprint, int Status, ReadOnlyMemory<byte> Body, DateTimeOffset At)
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    public static StoredAnswer Of(Repeat repeat, int status, ReadOnlyMemory<byte> body, Instant at) =>
        new(repeat.Caller, repeat.Key, Convert.FromHexString(repeat.Fingerprint), status, body, at.ToDateTimeOffset());

    public ReplayedAnswer ToReplayed() => new(Convert.ToHexStringLower(Fingerprint.Span), Status, [.. Body.Span]);
}

/// <summary>What became of an append that the journal could judge.</summary>
public enum AppendOutcome
{
    /// <summary>It is on disk.</summary>
    Durable,

    /// <summary>
    /// The stream's head was not where the writer thought: another activation wrote. Nothing was written; reload. Until then more of the
    /// stream may be refused too, though its head would fit.
    /// </summary>
    HeadMoved,

    /// <summary>The caller's key has an answer already, here in <see cref="AppendResult.Existing"/>. Nothing was written; reload.</summary>
    KeyTaken,
}

/// <summary>The outcome of an append; <paramref name="Existing"/> is set for <see cref="AppendOutcome.KeyTaken"/> only.</summary>
public readonly record struct AppendResult(AppendOutcome Outcome, StoredAnswer? Existing = null);

/// <summary>One durable event or note.</summary>
public readonly record struct JournalEntry(string Stream, long Version, DateTimeOffset At, ReadOnlyMemory<byte> Text);

/// <summary>What a grain starts from: a snapshot (version 0 and no pieces where there is none) and the events after it.</summary>
public sealed record LoadedStream(
    long SnapshotVersion, IReadOnlyList<ReadOnlyMemory<byte>> SnapshotPieces, long Head, IReadOnlyList<JournalEntry> Events);

/// <summary>The journal could not do it.</summary>
public sealed class JournalException : Exception
{
    public JournalException(string message, bool nothingWritten, Exception? inner = null)
        : base(message, inner) => NothingWritten = nothingWritten;

    /// <summary>True where it is certain that nothing was written; false where the outcome is unknown.</summary>
    public bool NothingWritten { get; }
}
