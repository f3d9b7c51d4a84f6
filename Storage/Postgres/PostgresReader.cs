using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace OrleansConcert.Storage.Postgres;

/// <summary>What is read of the journal. Every read is bounded in time; a long one is made of many.</summary>
internal sealed class PostgresReader(PostgresConnections connections, PostgresOptions options)
{
    private const int PageRows = 5_000;

    /// <summary>Waits for a write that still runs. Only a lock is written for it; nobody has to wait until that is on the disk.</summary>
    private const string HeadOf =
        "select head from concert.streams where stream = $1 and set_config('synchronous_commit', 'off', true) = 'off' for share";

    private const string EventsAfter = "select stream, version, at, text from concert.journal where stream = $1 and version";
    private const string SnapshotVersionOf = "coalesce((select version from concert.snapshots where stream = $1), 0)";
    private const string SnapshotOf = """
        select s.version, p.piece from concert.snapshots s left join concert.snapshot_pieces p using (stream)
        where s.stream = $1 order by p.place
        """;

    /// <summary>The snapshot of a stream and what came after, as of one instant; a write that still runs is waited for.</summary>
    /// <remarks>Most streams take one round trip, which is one transaction; of long ones the rest is read up to the head of that.</remarks>
    public Task<LoadedStream> Load(string stream) => Reading(async (connection, patience) =>
    {
        var (head, version, pieces, events) = await Begin(connection, stream, patience.Token);
        if (events.Count > 0 && events[0].Version != version + 1)
        {
            // A newer snapshot came in between; what it covers is there all the same.
            events.Clear();
        }

        while (version + events.Count < head)
        {
            patience.CancelAfter(options.WriteTimeout);
            await using var page = Command(
                connection,
                EventsAfter + " > $2 and version <= $3 order by version limit $4",
                stream, version + events.Count, head, PageRows);
            await ReadEntries(page, events, patience.Token);
        }

        return new LoadedStream(version, pieces, head, events);
    });

    public Task<long> Head(string stream) => Reading(async (connection, patience) =>
    {
        await using var command = Command(connection, HeadOf, stream);
        return (long?)await command.ExecuteScalarAsync(patience.Token) ?? 0;
    });

    /// <summary>The position behind the last entry; calls under way are waited for.</summary>
    public Task<long> End() => Reading(async (connection, patience) =>
    {
        await using var command = Command(connection, "select concert.journal_end()");
        return (long)(await command.ExecuteScalarAsync(patience.Token))!;
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

    /// <summary>The latest instant of the journal: of its newest entries, since they are nearly in order.</summary>
    public static async Task<DateTimeOffset> LastInstant(NpgsqlConnection connection)
    {
        await using var command = Command(connection, """
            select coalesce(max(at), 'epoch') from (select at from concert.journal order by position desc limit 10000) as newest
            """);
        return new((DateTime)(await command.ExecuteScalarAsync())!);
    }

    /// <summary>The answers that these keys have already, each as it counts at the instant of the new one.</summary>
    public static async Task<Dictionary<(string Caller, string Key), StoredAnswer>> FindAnswers(
        NpgsqlConnection connection, IReadOnlyList<StoredAnswer> asked, CancellationToken stop)
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
        await using var reader = await command.ExecuteReaderAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            var answer = Answer(reader);
            found[(answer.Caller, answer.Key)] = answer;
        }

        return found;
    }

    /// <summary>
    /// Works on a connection of the pool, for as long as there is patience. What hinders it is the journal's failure, not the caller's.
    /// </summary>
    public async Task<T> Reading<T>(Func<NpgsqlConnection, PostgresPatience, Task<T>> read)
    {
        using var patience = new PostgresPatience(options.WriteTimeout, options.Time);
        try
        {
            return await patience.For(Read());
        }
        catch (Exception exception) when (PostgresErrors.IsOutage(exception))
        {
            throw new JournalException($"The database cannot be read: {exception.Message}", nothingWritten: true, exception);
        }

        async Task<T> Read()
        {
            await using var connection = await connections.OpenReader(patience.Token);
            return await read(connection, patience);
        }
    }

    /// <summary>The head, the snapshot and the first events after it.</summary>
    private static async Task<(long Head, long Version, List<ReadOnlyMemory<byte>> Pieces, List<JournalEntry> Events)> Begin(
        NpgsqlConnection connection, string stream, CancellationToken stop)
    {
        var (head, version, pieces, events) = (0L, 0L, new List<ReadOnlyMemory<byte>>(), new List<JournalEntry>());
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, HeadOf, stream);
        Add(batch, SnapshotOf, stream);
        Add(batch, EventsAfter + $" > {SnapshotVersionOf} order by version limit $2", stream, PageRows);
        await using var reader = await batch.ExecuteReaderAsync(stop);
        head = await reader.ReadAsync(stop) ? reader.GetInt64(0) : 0;
        await reader.NextResultAsync(stop);
        while (await reader.ReadAsync(stop))
        {
            version = reader.GetInt64(0);
            if (!await reader.IsDBNullAsync(1, stop))
            {
                pieces.Add(reader.GetFieldValue<byte[]>(1));
            }
        }

        await reader.NextResultAsync(stop);
        await ReadEntries(reader, events, stop);
        return (head, version, pieces, events);
    }

    private static void Add(NpgsqlBatch batch, string text, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        batch.BatchCommands.Add(command);
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

    private static async Task<long> ReadEntries(NpgsqlCommand command, List<JournalEntry> into, CancellationToken stop)
    {
        await using var reader = await command.ExecuteReaderAsync(stop);
        return await ReadEntries(reader, into, stop);
    }

    /// <summary>Reads them all; the last value of a fifth column, where there is one.</summary>
    private static async Task<long> ReadEntries(NpgsqlDataReader reader, List<JournalEntry> into, CancellationToken stop)
    {
        var last = 0L;
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
