using Npgsql;

namespace OrleansConcert.Storage.Postgres;

/// <summary>How connections are made: what they wait for at the most, and that their commits are durable.</summary>
internal sealed class PostgresConnections : IAsyncDisposable
{
    /// <summary>Readers at once; the writer and the lease have one each besides.</summary>
    private const int MostReaders = 20;

    private readonly NpgsqlDataSource _readers;
    private readonly NpgsqlDataSource _sessions;

    public PostgresConnections(string connectionString)
    {
        var common = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "OrleansConcert",
            Timeout = 2,
            CommandTimeout = 15,
            CancellationTimeout = -1,
            IncludeErrorDetail = false,
            Options = "-c synchronous_commit=on -c statement_timeout=5s -c lock_timeout=1500ms"
                + " -c idle_in_transaction_session_timeout=5s -c default_transaction_isolation=read\\ committed",
        };
        _readers = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(common.ConnectionString)
        {
            MaxPoolSize = MostReaders,
            MaxAutoPrepare = 20,
            AutoPrepareMinUsages = 2,
        });
        _sessions = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(common.ConnectionString) { Pooling = false });
    }

    public ValueTask<NpgsqlConnection> OpenReader(CancellationToken cancellationToken) => _readers.OpenConnectionAsync(cancellationToken);

    /// <summary>A connection of its own, that is no other's before or after.</summary>
    public async Task<PostgresSession> OpenSession(CancellationToken stop = default)
    {
        var connection = await _sessions.OpenConnectionAsync(stop);
        try
        {
            await using var command = new NpgsqlCommand(
                "select pid, backend_start from pg_stat_activity where pid = pg_backend_pid()", connection);
            await using var reader = await command.ExecuteReaderAsync(stop);
            await reader.ReadAsync(stop);
            return new(connection, reader.GetInt32(0), reader.GetDateTime(1));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _readers.DisposeAsync();
        await _sessions.DisposeAsync();
    }
}

/// <summary>A connection, and the process of the database that serves it.</summary>
internal sealed record PostgresSession(NpgsqlConnection Connection, int Process, DateTime Since) : IAsyncDisposable
{
    /// <summary>Makes sure that an earlier session does nothing any more; false where it still may.</summary>
    public async Task<bool> End(PostgresSession earlier, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("""
            select coalesce(bool_and(pg_terminate_backend(pid, 1000)), true) from pg_stat_activity where pid = $1 and backend_start = $2
            """, Connection)
        {
            Parameters = { new() { Value = earlier.Process }, new() { Value = earlier.Since } },
        };
        return (bool)(await command.ExecuteScalarAsync(stop))!;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
