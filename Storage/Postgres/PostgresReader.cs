using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace OrleansConcert.Storage.Postgres;

/// <summary>What is read of the journal. Every read is bounded in time; a long one is made of many.</summary>
internal sealed class PostgresReader(PostgresConnections connections, PostgresOptions options)
{
    private const int PageRows = 5_000;

    /// <summary>The snapshot of a stream and what came after, as of one instant; a write that still runs is waited for.</summary>
    public Task<LoadedStream> Load(string stream) => Reading(async (connection, patience) =>
    {
        var stop = patience.Token;
        await using var transaction = await connection.BeginTransactionAsync(stop);
        await using var head = Command(connection, "select head from concert.streams where stream = $1 for share", stream);
        var at = (long?)await head.ExecuteScalarAsync(stop) ?? 0;
        var (version, pieces) = at == 0 ? (0, []) : await Snapshot(connection, stream, stop);
        var events = new List<JournalEntry>();
        while (version + events.Count < at)
        {
            await using var page = Command(
                connection,
                "select stream, version, at, text from concert.journal where stream = $1 and version > $2 order by version limit $3",
                stream, version + events.Count, PageRows);
            await ReadEntries(page, events, stop);
            patience.CancelAfter(options.WriteTimeout);
        }

        return new LoadedStream(version, pieces, at, events);
    });

    public Task<IReadOnlyList<JournalEntry>> ReadBackward(string stream, long before, int count) =>
        Reading<IReadOnlyList<JournalEntry>>(async (connection, patience) =>
        {
            var entries = new List<JournalEntry>();
            await using var command = Command(
                connection,
                "select stream, version, at, text from concert.journal where stream = $1 and version < $2 order by version desc limit $3",
                stream, before, count);
            await ReadEntries(command, entries, patience.Token);
            return entries;
        });

    public async IAsyncEnumerable<JournalEntry> Read(
        long after, long upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var from = after; from < upTo;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (entries, last) = await Page(from, upTo);
            foreach (var entry in entries)
            {
                yield return entry;
            }

            from = entries.Count < PageRows ? upTo : last;
        }
    }

    /// <summary>The answer of a key that still counts at an instant.</summary>
    public Task<StoredAnswer?> FindAnswer(string caller, string key, DateTimeOffset now) => Reading(async (connection, patience) =>
    {
        await using var command = Command(
            connection,
            "select caller, key, fingerprint, status, body, at from concert.answers where caller = $1 and key = $2 and at > $3",
            caller, key, (now - StoredAnswer.Retention).UtcDateTime);
        await using var reader = await command.ExecuteReaderAsync(patience.Token);
        return await reader.ReadAsync(patience.Token) ? Answer(reader) : null;
    });

    public Task<IReadOnlyCollection<string>> Unfinished() => Reading<IReadOnlyCollection<string>>(async (connection, patience) =>
    {
        var streams = new List<string>();
        await using var command = Command(connection, "select stream from concert.streams where unfinished order by stream");
        await using var reader = await command.ExecuteReaderAsync(patience.Token);
        while (await reader.ReadAsync(patience.Token))
        {
            streams.Add(reader.GetString(0));
        }

        return streams;
    });

    /// <summary>The answers that these keys have already, each as it counts at the instant of the new one.</summary>
    public static async Task<Dictionary<(string Caller, string Key), StoredAnswer>> FindAnswers(
        NpgsqlConnection connection, IReadOnlyList<StoredAnswer> asked)
    {
        var found = new Dictionary<(string Caller, string Key), StoredAnswer>();
        await using var command = Command(
            connection,
            """
            select a.caller, a.key, a.fingerprint, a.status, a.body, a.at
            from concert.answers a join unnest($1, $2, $3) as asked (caller, key, since) using (caller, key) where a.at > asked.since
            """,
            asked.Select(answer => answer.Caller).ToArray(),
            asked.Select(answer => answer.Key).ToArray(),
            asked.Select(answer => (answer.At - StoredAnswer.Retention).UtcDateTime).ToArray());
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var answer = Answer(reader);
            found[(answer.Caller, answer.Key)] = answer;
        }

        return found;
    }

    /// <summary>
    /// Works on a connection of the pool, for as long as there is patience. What hinders it is the journal's failure, not the caller's.
    /// </summary>
    public async Task<T> Reading<T>(Func<NpgsqlConnection, CancellationTokenSource, Task<T>> read)
    {
        using var patience = new CancellationTokenSource(options.WriteTimeout, options.Time);
        try
        {
            await using var connection = await connections.OpenReader(patience.Token);
            return await read(connection, patience);
        }
        catch (Exception exception) when (PostgresErrors.IsOutage(exception))
        {
            throw new JournalException($"The database cannot be read: {exception.Message}", nothingWritten: true, exception);
        }
    }

    private static async Task<(long Version, IReadOnlyList<ReadOnlyMemory<byte>> Pieces)> Snapshot(
        NpgsqlConnection connection, string stream, CancellationToken stop)
    {
        var (version, pieces) = (0L, new List<ReadOnlyMemory<byte>>());
        await using var command = Command(
            connection,
            """
            select s.version, p.piece from concert.snapshots s left join concert.snapshot_pieces p using (stream)
            where s.stream = $1 order by p.place
            """,
            stream);
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            version = reader.GetInt64(0);
            pieces.Add(reader.GetFieldValue<byte[]>(1));
        }

        return (version, pieces);
    }

    private Task<(List<JournalEntry> Entries, long Last)> Page(long after, long upTo) => Reading(async (connection, patience) =>
    {
        var entries = new List<JournalEntry>();
        await using var command = Command(
            connection,
            """
            select stream, version, at, text, position from concert.journal
            where position > $1 and position <= $2 order by position limit $3
            """,
            after, upTo, PageRows);
        return (entries, await ReadEntries(command, entries, patience.Token));
    });

    /// <summary>Reads them all; the last value of a fifth column, where there is one.</summary>
    private static async Task<long> ReadEntries(NpgsqlCommand command, List<JournalEntry> into, CancellationToken stop)
    {
        var last = 0L;
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            into.Add(new(reader.GetString(0), reader.GetInt64(1), Instant(reader, 2), Encoding.UTF8.GetBytes(reader.GetString(3))));
            last = reader.FieldCount > 4 ? reader.GetInt64(4) : last;
        }

        return last;
    }

    private static StoredAnswer Answer(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetInt32(3), reader.GetFieldValue<byte[]>(4),
        Instant(reader, 5));

    private static DateTimeOffset Instant(NpgsqlDataReader reader, int column) => new(reader.GetDateTime(column), TimeSpan.Zero);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlCommand(text, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }
}
