using Npgsql;

namespace OrleansConcert.Storage.Postgres;

/// <summary>
/// The right to write, of one server at a time: a row that is renewed by the database's clock, and an epoch that every write names. A
/// server that stops renewing for ten seconds may be followed by another, whose epoch refuses all that the first still sends. One whose
/// session is over (its process was ended) may be followed after three.
/// </summary>
internal sealed class PostgresLease : IAsyncDisposable
{
    private const long SessionLock = 0x4F43_4C45_4153_45;

    /// <summary>How often it is renewed; while that fails, how often it is tried.</summary>
    private static readonly TimeSpan RenewEvery = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>So long a renewal may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>It is somebody else's after ten by the database's clock, or three without our session; by ours it ends before.</summary>
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan HeldWithoutSessionFor = TimeSpan.FromSeconds(2.5);

    /// <summary>A renewal that is older than this has failed, or the database hangs.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1.8);

    /// <summary>As long as a server that was ended may keep another waiting.</summary>
    private static readonly TimeSpan WaitAtStart = TimeSpan.FromSeconds(12);

    private readonly PostgresConnections _connections;
    private readonly PostgresOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PostgresSession? _session;
    private volatile bool _hasSessionLock;
    private Task _renewing = Task.CompletedTask;
    private long _renewedAt;

    private PostgresLease(PostgresConnections connections, PostgresOptions options) => (_connections, _options) = (connections, options);

    /// <summary>What every write names.</summary>
    public long Epoch { get; private set; }

    /// <summary>Whether another server has it: then this one never has it again.</summary>
    public bool IsLost => _lost.Task.IsCompleted;

    /// <summary>Completes when it is lost.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Whether nobody else can have it yet.</summary>
    public bool IsHeld => !IsLost && Age < (_hasSessionLock ? HeldFor : HeldWithoutSessionFor);

    /// <summary>Whether the database answered lately.</summary>
    public bool IsFresh => !IsLost && Age < FreshFor;

    private TimeSpan Age => _options.Time.GetElapsedTime(Volatile.Read(ref _renewedAt));

    /// <summary>Takes it, once the server before is over.</summary>
    /// <exception cref="StoreException">A server that lives has it.</exception>
    public static async Task<PostgresLease> Take(PostgresConnections connections, PostgresOptions options)
    {
        var lease = new PostgresLease(connections, options) { _session = await connections.OpenSession() };
        try
        {
            await lease.Take();
            lease._renewing = Task.Run(lease.Renew);
            return lease;
        }
        catch
        {
            await lease._session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Somebody has found out that it is another's.</summary>
    public void Lose()
    {
        if (_lost.TrySetResult())
        {
            _options.Logger.LeaseLost();
        }
    }

    /// <summary>Gives it back, so that the next server need not wait.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        if (_session is not null)
        {
            using var patience = new PostgresPatience(Patience, _options.Time);
            try
            {
                await using var command = new NpgsqlCommand("update concert.writer set owner = null where epoch = $1", _session.Connection);
                command.Parameters.Add(new() { Value = Epoch });
                await command.ExecuteNonQueryAsync(patience.Token);
            }
            catch (Exception exception) when (PostgresErrors.IsOutage(exception))
            {
                _options.Logger.NotReconnected(exception.Message);
            }

            await _session.DisposeAsync();
        }

        _stop.Dispose();
    }

    private async Task Take()
    {
        var (started, renewals, last) = (_options.Time.GetTimestamp(), 0, (DateTime?)null);
        while (true)
        {
            var asked = _options.Time.GetTimestamp();
            if (await TryTake() is { } epoch)
            {
                (Epoch, _renewedAt) = (epoch, asked);
                await LockSession(_session!, CancellationToken.None);
                return;
            }

            var (owner, renewed) = await Holder();
            renewals += last is not null && renewed != last ? 1 : 0;
            last = renewed;

            // One may have been under way when its server ended.
            if (renewals > 1 || _options.Time.GetElapsedTime(started) > WaitAtStart)
            {
                throw new StoreException($"The database is in use by {owner}; a second server needs one of its own.");
            }

            await Task.Delay(RetryEvery, _options.Time);
        }
    }

    /// <summary>The new epoch, or null where it is another's. The session lock tells that the one before has ended.</summary>
    private async Task<long?> TryTake()
    {
        await using var command = new NpgsqlCommand(
            """
            update concert.writer set epoch = epoch + 1, owner = $1, renewed_at = clock_timestamp()
            where owner is null or renewed_at < clock_timestamp() - case when pg_try_advisory_lock($2)
              then interval '3 seconds' else interval '10 seconds' end
            returning epoch
            """,
            _session!.Connection);
        command.Parameters.Add(new() { Value = _options.Owner! });
        command.Parameters.Add(new() { Value = SessionLock });
        return (long?)await command.ExecuteScalarAsync();
    }

    private async Task<(string Owner, DateTime RenewedAt)> Holder()
    {
        await using var command = new NpgsqlCommand(
            "select coalesce(owner, 'nobody'), renewed_at from concert.writer", _session!.Connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetString(0), reader.GetDateTime(1));
    }

    private async Task Renew()
    {
        while (!_stop.IsCancellationRequested && !IsLost)
        {
            var isWell = await TryRenew();
            await Task.Delay(isWell ? RenewEvery : RetryEvery, _options.Time, _stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> TryRenew()
    {
        var asked = _options.Time.GetTimestamp();
        using var patience = new PostgresPatience(Patience, _options.Time);
        try
        {
            _session ??= await Reopen(patience.Token);
            await using var command = new NpgsqlCommand(
                "update concert.writer set renewed_at = clock_timestamp() where epoch = $1", _session.Connection);
            command.Parameters.Add(new() { Value = Epoch });
            if (await command.ExecuteNonQueryAsync(patience.Token) == 0)
            {
                Lose();
            }

            Volatile.Write(ref _renewedAt, asked);
            return true;
        }
        catch (Exception exception) when (PostgresErrors.IsOutage(exception))
        {
            _hasSessionLock = false;
            if (_session is not null)
            {
                await _session.DisposeAsync();
                _session = null;
            }

            return false;
        }
    }

    /// <summary>The lock of the session before goes with that one.</summary>
    private async Task<PostgresSession> Reopen(CancellationToken stop)
    {
        var session = await _connections.OpenSession(stop);
        await LockSession(session, stop);
        return session;
    }

    private async Task LockSession(PostgresSession session, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", session.Connection);
        command.Parameters.Add(new() { Value = SessionLock });
        _hasSessionLock = (bool)(await command.ExecuteScalarAsync(stop))!;
    }
}
