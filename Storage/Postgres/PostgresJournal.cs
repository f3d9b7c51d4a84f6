using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Npgsql;
using OrleansConcert.Storage.Writing;

namespace OrleansConcert.Storage.Postgres;

/// <summary>
/// The journal in a PostgreSQL database: what it acknowledged is committed there. All that waits goes in with one call. It finds a
/// database that was gone again by itself; one that another owner has taken over it never writes to again.
/// </summary>
public sealed class PostgresJournal : IStore
{
    /// <summary>The most that the pieces of one snapshot may be together.</summary>
    private const long SnapshotBytesMax = 1 << 30;

    /// <summary>Answers that count no more are deleted as often, and so many at once.</summary>
    private const int ForgetAtOnce = 10_000;
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromMinutes(1);

    /// <summary>So many bytes of a snapshot go in at once.</summary>
    private const int SnapshotChunkBytes = 8 << 20;

    private readonly PostgresConnections _connections;
    private readonly PostgresLease _lease;
    private readonly PostgresReader _reader;
    private readonly PostgresWriter _writer;
    private readonly WaitingLine _line;
    private readonly Fence _fence = new();
    private readonly PostgresOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private Task _forgetting = Task.CompletedTask;
    private bool _disposed;

    private PostgresJournal(PostgresConnections connections, PostgresLease lease, PostgresOptions options)
    {
        (_connections, _lease, _options) = (connections, lease, options);
        _line = new(options, _fence);
        _reader = new(connections, options);
        _writer = new(connections, lease, _line, _fence, options);
    }

    public bool IsHealthy => _writer.IsHealthy && !_line.Stuck && !_running.IsCompleted && _lease.IsFresh;

    public bool IsOurs => _lease.IsHeld;

    public bool IsShared => _options.IsShared;

    public Task Lost => _lease.Lost;

    /// <summary>Appends made durable since the journal was opened.</summary>
    public long Appends => _writer.Appends;

    /// <remarks>What others write who share the database is known within a second.</remarks>
    public DateTimeOffset LastInstant => DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(_writer.Latest, _lease.Latest));

    /// <summary>Opens the store in a database, or begins one there.</summary>
    /// <exception cref="StoreException">It is in use, out of reach or not as it must be; the message is one line.</exception>
    public static async Task<PostgresJournal> Open(PostgresOptions options)
    {
        options.Validate();
        PostgresConnections? connections = null;
        PostgresLease? lease = null;
        try
        {
            connections = new(options.ConnectionString);
            await using (var session = await connections.OpenSession())
            {
                await PostgresSchema.Check(session.Connection, options.Migrate);
            }

            lease = await PostgresLease.Take(connections, options);
            var journal = new PostgresJournal(connections, lease, options);
            await journal._writer.Start();
            journal._running = Task.Run(journal._writer.Run);
            journal._forgetting = Task.Run(journal.ForgetAnswers);
            return journal;
        }
        catch (Exception exception)
        {
            await (lease?.DisposeAsync() ?? default);
            await (connections?.DisposeAsync() ?? default);
            throw exception is StoreException
                ? exception
                : new StoreException($"The database cannot be opened: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    /// <summary>Brings the schema of a database up to date, and does nothing else.</summary>
    /// <returns>The numbers of the migrations that were applied.</returns>
    /// <exception cref="StoreException">It is out of reach, newer than this program, or its role may not.</exception>
    public static async Task<IReadOnlyList<int>> Migrate(string connectionString)
    {
        try
        {
            await using var connections = new PostgresConnections(connectionString);
            await using var session = await connections.OpenSession();
            return await PostgresSchema.Migrate(session.Connection);
        }
        catch (Exception exception) when (exception is NpgsqlException or ArgumentException)
        {
            throw new StoreException($"The database cannot be migrated: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }

    /// <summary>
    /// What is in a stream, and the latest instant of the journal: for a process that neither writes the database nor keeps others from it.
    /// </summary>
    /// <exception cref="StoreException">It is out of reach or not as it must be; the message is one line.</exception>
    public static async Task<(LoadedStream Stream, DateTimeOffset LastInstant)> Look(string connectionString, string stream)
    {
        try
        {
            var options = new PostgresOptions { ConnectionString = connectionString, Owner = "nobody" };
            await using var connections = new PostgresConnections(connectionString);
            await using var session = await connections.OpenSession();
            await PostgresSchema.Check(session.Connection, mayMigrate: false);
            return (await new PostgresReader(connections, options).Load(stream), await PostgresReader.LastInstant(session.Connection));
        }
        catch (Exception exception) when (exception is NpgsqlException or ArgumentException or JournalException or TimeoutException)
        {
            throw new StoreException($"The database cannot be read: {exception.Message.ReplaceLineEndings(" ")}", exception)
            {
                MayPass = exception is not ArgumentException,
            };
        }
    }

    public Task<AppendResult> Append(Append append)
    {
        AppendRules.Check(append);
        foreach (var text in append.Events.Concat(append.Notes.Select(note => note.Text)))
        {
            // The database would refuse it together with all that goes in with it.
            AppendRules.Require(Utf8.IsValid(text.Span) && !text.Span.Contains((byte)0), "An event is a text in UTF-8 without zeros.");
        }

        return _line.Add(append);
    }

    public async Task<LoadedStream> Load(string stream)
    {
        await _line.Barrier();
        _fence.Lift(stream);
        return _writer.IsConnected
            ? await _reader.Load(stream)
            : throw new JournalException("The database does not answer now.", nothingWritten: true);
    }

    public Task<IReadOnlyList<JournalEntry>> ReadBackward(string stream, long before, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _reader.ReadBackward(stream, before, count);
    }

    public Task<long> Head(string stream) => _reader.Head(stream);

    public Task<long> End() => _reader.End();

    public async IAsyncEnumerable<JournalEntry> ReadAll([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in _reader.Read(0, await End(), cancellationToken))
        {
            yield return entry;
        }
    }

    public IAsyncEnumerable<JournalEntry> Read(long after, long upTo, CancellationToken cancellationToken) =>
        _reader.Read(after, upTo, cancellationToken);

    public Task<StoredAnswer?> FindAnswer(string caller, string key) => _reader.FindAnswer(caller, key, LastInstant);

    public async Task SaveSnapshot(string stream, long version, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        if (pieces.Sum(piece => (long)piece.Length) > SnapshotBytesMax)
        {
            throw new ArgumentException($"A snapshot has at most {SnapshotBytesMax} bytes.", nameof(pieces));
        }

        var head = await _reader.Reading((connection, patience) => SaveSnapshot(connection, stream, version, pieces, patience));
        if (version < 1 || version > head)
        {
            throw new ArgumentException($"A snapshot of '{stream}' at {version} would be ahead of its head, {head}.", nameof(version));
        }
    }

    public Task<IReadOnlyCollection<string>> UnfinishedStreams() => _reader.Unfinished();

    /// <summary>Writes what waits, gives the lease back and closes. Where the database hangs, it waits for the time-out only.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _stop.CancelAsync();
        _line.Close();
        await _running.WaitAsync(_options.WriteTimeout, _options.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _forgetting;
        _line.Dispose();
        _stop.Dispose();
        await _writer.DisposeAsync();
        await _lease.DisposeAsync();
        await _connections.DisposeAsync();
    }

    /// <summary>Deletes the answers that are so old that their keys are free again.</summary>
    /// <returns>How many.</returns>
    internal Task<int> ForgetOldAnswers() => _reader.Reading(async (connection, patience) =>
    {
        await using var command = new NpgsqlCommand(
            "delete from concert.answers where ctid in (select ctid from concert.answers where at <= $1 limit $2)", connection);
        command.Parameters.Add(new() { Value = (LastInstant - StoredAnswer.Retention).UtcDateTime });
        command.Parameters.Add(new() { Value = ForgetAtOnce });
        return await command.ExecuteNonQueryAsync(patience.Token);
    });

    private async Task ForgetAnswers()
    {
        while (true)
        {
            await Task.Delay(ForgetEvery, _options.Time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
            {
                return;
            }

            try
            {
                while (await ForgetOldAnswers() == ForgetAtOnce && !_stop.IsCancellationRequested)
                {
                    // There are more.
                }
            }
            catch (JournalException exception)
            {
                _options.Logger.NotForgotten(exception.Message);
            }
        }
    }

    /// <summary>The head of the stream; nothing is written where the snapshot would be ahead of it.</summary>
    private async Task<long> SaveSnapshot(
        NpgsqlConnection connection,
        string stream,
        long version,
        IReadOnlyList<ReadOnlyMemory<byte>> pieces,
        PostgresPatience patience)
    {
        await using var transaction = await connection.BeginTransactionAsync(patience.Token);
        await using var head = new NpgsqlCommand("select head from concert.streams where stream = $1", connection);
        head.Parameters.Add(new() { Value = stream });
        var at = (long?)await head.ExecuteScalarAsync(patience.Token) ?? 0;
        if (version < 1 || version > at)
        {
            return at;
        }

        await using var begin = new NpgsqlCommand("select concert.begin_snapshot($1, $2, $3)", connection);
        begin.Parameters.Add(new() { Value = _lease.Epoch });
        begin.Parameters.Add(new() { Value = stream });
        begin.Parameters.Add(new() { Value = version });
        if ((bool)(await begin.ExecuteScalarAsync(patience.Token))!)
        {
            for (var place = 0; place < pieces.Count;)
            {
                patience.CancelAfter(_options.WriteTimeout);
                place += await SavePieces(connection, stream, place, pieces, patience.Token);
            }

            await transaction.CommitAsync(patience.Token);
        }

        return at;
    }

    private static async Task<int> SavePieces(
        NpgsqlConnection connection, string stream, int from, IReadOnlyList<ReadOnlyMemory<byte>> pieces, CancellationToken stop)
    {
        var (chunk, bytes) = (new List<byte[]>(), 0);
        while (from + chunk.Count < pieces.Count && (chunk.Count == 0 || bytes + pieces[from + chunk.Count].Length <= SnapshotChunkBytes))
        {
            bytes += pieces[from + chunk.Count].Length;
            chunk.Add(pieces[from + chunk.Count].ToArray());
        }

        await using var command = new NpgsqlCommand(
            "insert into concert.snapshot_pieces select $1, $2 + place - 1, piece from unnest($3) with ordinality as t (piece, place)",
            connection);
        command.Parameters.Add(new() { Value = stream });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = chunk.ToArray() });
        await command.ExecuteNonQueryAsync(stop);
        return chunk.Count;
    }
}
