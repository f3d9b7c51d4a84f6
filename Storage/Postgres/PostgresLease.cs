using Npgsql;

namespace OrleansConcert.Storage.Postgres;

/// <summary>
/// The right to write, of one owner at a time: a row that is renewed by the database's clock, and an epoch that every write names. An
/// owner that stops renewing for ten seconds may be followed by another, whose epoch refuses all that the first still sends. One whose
/// sessions are over (its processes were ended) may be followed after three. Servers that share an owner have one epoch and all renew
/// it; the last of them gives it back.
/// </summary>
internal sealed class PostgresLease : IAsyncDisposable
{
    private const long SessionLock = 0x4F43_4C45_4153_45;

    /// <summary>How often it is renewed; while that fails, how often it is tried.</summary>
    private static readonly TimeSpan RenewEvery = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan RetryEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>So long a renewal may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// It may be somebody else's after three by the database's clock; by ours it ends before. That there are ten while our session lives
    /// is no use: one that was frozen does not know whether it does.
    /// </summary>
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(2.5);

    /// <summary>A renewal that is older than this has failed, or the database hangs.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1.8);

    /// <summary>Silos that lost their sessions together with the database have them again sooner than that.</summary>
    private static readonly TimeSpan SettledAfter = TimeSpan.FromSeconds(2);

    /// <summary>As long as a server that was ended may keep another waiting.</summary>
    private static readonly TimeSpan WaitAtStart = TimeSpan.FromSeconds(12);

    private readonly PostgresConnections _connections;
    private readonly PostgresOptions _options;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PostgresSession? _session;
    private bool _hasSessionLock;
    private Task _renewing = Task.CompletedTask;
    private long _renewedAt;
    private long _latest;

    private PostgresLease(PostgresConnections connections, PostgresOptions options) => (_connections, _options) = (connections, options);

    /// <summary>What every write names.</summary>
    public long Epoch { get; private set; }

    /// <summary>The instant of the newest entry at the last renewal, whoever wrote it, in milliseconds since 1970.</summary>
    public long Latest => Volatile.Read(ref _latest);

    /// <summary>Whether another owner has it: then this one never has it again.</summary>
    public bool IsLost => _lost.Task.IsCompleted;

    /// <summary>Completes when it is lost.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Whether no other owner can have it yet.</summary>
    public bool IsHeld => !IsLost && Age < HeldFor;

    /// <summary>Whether the database answered lately.</summary>
    public bool IsFresh => !IsLost && Age < FreshFor;

    private TimeSpan Age => _options.Time.GetElapsedTime(Volatile.Read(ref _renewedAt));

    /// <summary>Takes it, once the owner before is over, or joins those who share it.</summary>
    /// <exception cref="StoreException">Another owner that lives has it.</exception>
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

    /// <summary>Gives it back where no session of its owner is left, so that the next one need not wait.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        if (_session is not null)
        {
            using var patience = new PostgresPatience(Patience, _options.Time);
            try
            {
                await using var batch = new NpgsqlBatch(_session.Connection);
                batch.BatchCommands.Add(new("select pg_advisory_unlock_all()"));
                batch.BatchCommands.Add(new("update concert.writer set owner = null where epoch = $1 and pg_try_advisory_lock($2)")
                {
                    Parameters = { new() { Value = Epoch }, new() { Value = SessionLock } },
                });
                await batch.ExecuteNonQueryAsync(patience.Token);
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
            var isSettled = !_options.IsShared || _options.Time.GetElapsedTime(started) > SettledAfter;
            if (((_options.IsShared ? await TryJoin() : null) ?? await TryTake(isSettled)) is { } epoch)
            {
                (Epoch, _renewedAt) = (epoch, asked);
                _hasSessionLock = await TryLockSession(CancellationToken.None);
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

    /// <summary>The epoch of those who share it, or null where none of them has a session: then it is taken as another's.</summary>
    private async Task<long?> TryJoin()
    {
        await using var command = new NpgsqlCommand(
            """
            update concert.writer set renewed_at = clock_timestamp() where owner = $1 and exists (
              select from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and granted and objsubid = 1
              and (classid::bigint << 32) | objid::bigint = $2
              and database = (select oid from pg_database where datname = current_database()))
            returning epoch
            """,
            _session!.Connection);
        command.Parameters.Add(new() { Value = _options.Owner });
        command.Parameters.Add(new() { Value = SessionLock });
        return (long?)await command.ExecuteScalarAsync();
    }

    /// <summary>
    /// The new epoch, or null where it is another's. That nobody has the session lock tells that the one before has ended; silos may have
    /// lost theirs together with the database, and get some more time. Whoever takes it for a cluster is its first silo: those that are in
    /// its list of members were lost, and nobody has to find that out by asking them.
    /// </summary>
    private async Task<long?> TryTake(bool isSettled)
    {
        await using var command = new NpgsqlCommand(
            """
            with taken as (
              update concert.writer set epoch = epoch + 1, owner = $1, renewed_at = clock_timestamp()
              where owner is null or $4 and renewed_at < clock_timestamp() - case when pg_try_advisory_xact_lock($2)
                then interval '3 seconds' else interval '10 seconds' end
              returning epoch
            ), changed as (
              update concert.clusters set version = version + 1, changed_at = now() from taken where id = $3 returning id
            ), lost as (
              update concert.silos set status = 6 from changed where cluster = changed.id and status <> 6
            )
            select epoch from taken
            """,
            _session!.Connection);
        command.Parameters.Add(new() { Value = _options.Owner });
        command.Parameters.Add(new() { Value = SessionLock });
        command.Parameters.Add(new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = _options.Cluster ?? (object)DBNull.Value });
        command.Parameters.Add(new() { Value = isSettled });
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
            _session ??= await _connections.OpenSession(patience.Token);
            _hasSessionLock = _hasSessionLock || await TryLockSession(patience.Token);
            if (await Extend(patience.Token) is { } newest)
            {
                Volatile.Write(ref _latest, new DateTimeOffset(newest).ToUnixTimeMilliseconds());
            }
            else
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

    /// <summary>
    /// Renews it, and its owner's name: one who shares it may have given it back while this one had no session. The instant of the newest
    /// entry, or null where the lease is another's.
    /// </summary>
    private async Task<DateTime?> Extend(CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(
            """
            update concert.writer set renewed_at = clock_timestamp(), owner = $2 where epoch = $1
            returning coalesce((select at from concert.journal order by position desc limit 1), 'epoch')
            """,
            _session!.Connection);
        command.Parameters.Add(new() { Value = Epoch });
        command.Parameters.Add(new() { Value = _options.Owner });
        return (DateTime?)await command.ExecuteScalarAsync(stop);
    }

    /// <summary>While any session of the owner has it, the owner lives. It goes with its session.</summary>
    private async Task<bool> TryLockSession(CancellationToken stop)
    {
        var kind = _options.IsShared ? "_shared" : "";
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock{kind}($1)", _session!.Connection);
        command.Parameters.Add(new() { Value = SessionLock });
        return (bool)(await command.ExecuteScalarAsync(stop))!;
    }
}
