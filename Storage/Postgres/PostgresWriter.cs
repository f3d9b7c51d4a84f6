using Npgsql;
using OrleansConcert.Storage.Writing;

namespace OrleansConcert.Storage.Postgres;

/// <summary>
/// The one writer: takes all that waits and makes it durable in one call, one transaction; what arrives meanwhile is the next. A
/// connection that failed is opened anew by itself, once the one before it is known to be over: nothing of it lands later.
/// </summary>
internal sealed class PostgresWriter(
    PostgresConnections connections, PostgresLease lease, WaitingLine line, Fence fence, PostgresOptions options) : IAsyncDisposable
{
    /// <summary>So often a batch is sent that is undone each time for another server's sake.</summary>
    private const int AttemptsMax = 5;

    /// <summary>So long a call may take; who waits for it waits less.</summary>
    private static readonly TimeSpan CallPatience = TimeSpan.FromSeconds(3);

    private volatile PostgresSession? _session;
    private PostgresSession? _lost;
    private long? _lastAttempt;
    private long _latest;
    private long _appends;
    private volatile bool _isHealthy;

    /// <summary>Whether the last write, or the last attempt to heal, went well.</summary>
    public bool IsHealthy => _isHealthy;

    /// <summary>Whether nothing can land any more that was sent before a connection was lost.</summary>
    public bool IsConnected => _session is not null;

    /// <summary>Appends made durable since the start.</summary>
    public long Appends => Volatile.Read(ref _appends);

    /// <summary>The latest instant that was written here or was there at the start, in milliseconds since 1970.</summary>
    public long Latest => Volatile.Read(ref _latest);

    /// <summary>Connects, and finds out what instant the journal has come to.</summary>
    public async Task Start()
    {
        _session = await connections.OpenSession();
        _latest = (await PostgresReader.LastInstant(_session.Connection)).ToUnixTimeMilliseconds();
        _isHealthy = true;
    }

    /// <summary>Runs until the line is closed and empty.</summary>
    public async Task Run()
    {
        while (await line.Take(_isHealthy ? Timeout.InfiniteTimeSpan : options.RecoveryInterval) is { } taken)
        {
            if (taken.Count == 0)
            {
                await Heal();
            }

            for (IReadOnlyList<Pending> left = taken; left.Count > 0;)
            {
                left = await Write(left);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }
    }

    /// <summary>Writes as many as one call takes; those that have to wait for the next one.</summary>
    private async Task<IReadOnlyList<Pending>> Write(IReadOnlyList<Pending> given)
    {
        if (!_isHealthy && !await Heal())
        {
            Refuse(given);
            return [];
        }

        given = await WithoutFenced(given);
        var (batch, marks, left) = Sort(given);
        if (!batch.IsEmpty)
        {
            try
            {
                await Call(batch);
            }
            catch (Exception exception)
            {
                if (exception is PostgresException { SqlState: PostgresErrors.KeyTaken } && await AnswerTaken(given) is { } others)
                {
                    return others;
                }

                await Fail(batch, exception);
            }
        }

        marks.ForEach(mark => mark.Tell(default));
        return left;
    }

    /// <summary>What goes into one call, and what stays for the next: of a stream everything after the first that stays.</summary>
    private static (PostgresBatch Batch, List<Pending> Marks, List<Pending> Left) Sort(IReadOnlyList<Pending> given)
    {
        var (batch, marks, left) = (new PostgresBatch(), new List<Pending>(), new List<Pending>());
        var staying = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pending in given)
        {
            if (pending.Append is not { } append)
            {
                // It completes after everything before it.
                (left.Count == 0 ? marks : left).Add(pending);
            }
            else if (staying.Contains(append.Stream) || !batch.TryAdd(pending))
            {
                staying.Add(append.Stream);
                left.Add(pending);
            }
        }

        return (batch, marks, left);
    }

    private async Task Call(PostgresBatch batch)
    {
        var winners = (await Send(batch)).ToHashSet();
        Volatile.Write(ref _latest, Math.Max(_latest, batch.Latest));
        var losers = new List<Pending>();
        foreach (var (pending, owner) in batch.Members)
        {
            if (owner == 0 || winners.Contains(owner))
            {
                Volatile.Write(ref _appends, _appends + 1);
                pending.Tell(new(AppendOutcome.Durable));
            }
            else
            {
                losers.Add(pending);
            }
        }

        await Lose(losers);
    }

    /// <summary>Which of its streams won. What was undone for another's sake left nothing behind.</summary>
    private async Task<int[]> Send(PostgresBatch batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var patience = new PostgresPatience(CallPatience, options.Time);
                await using var command = batch.ToCommand(_session!.Connection, lease.Epoch);
                await command.PrepareAsync(patience.Token);
                return (int[])(await command.ExecuteScalarAsync(patience.Token))!;
            }
            catch (Exception exception) when (PostgresErrors.IsConflict(exception) && attempt < AttemptsMax)
            {
                options.Logger.BatchRepeated(exception.Message);
            }
        }
    }

    /// <summary>
    /// Whoever sent the same again while the first was written gets its answer; the others have to look where the stream is.
    /// </summary>
    private async Task Lose(List<Pending> losers)
    {
        losers = losers.Count == 0 ? losers : [.. await AnswerTaken(losers) ?? losers];
        foreach (var loser in losers)
        {
            loser.Tell(new(AppendOutcome.HeadMoved));
        }
    }

    private async Task<IReadOnlyList<Pending>> WithoutFenced(IReadOnlyList<Pending> given)
    {
        if (fence.IsEmpty)
        {
            return given;
        }

        var losers = given.Where(pending => fence.Bars(pending.Append)).ToList();
        await Lose(losers);
        return [.. given.Except(losers)];
    }

    /// <summary>
    /// Nothing was written since some keys have their answers: tells those, and gives back the others. Null where there are no such
    /// answers: then something else is wrong.
    /// </summary>
    private async Task<IReadOnlyList<Pending>?> AnswerTaken(IReadOnlyList<Pending> given)
    {
        using var patience = new PostgresPatience(CallPatience, options.Time);
        try
        {
            var asked = given.Select(pending => pending.Append?.Answer).OfType<StoredAnswer>().ToList();
            var answers = await PostgresReader.FindAnswers(_session!.Connection, asked, patience.Token);
            var others = given.Where(pending => !IsTold(pending, answers)).ToList();
            return others.Count < given.Count ? others : null;
        }
        catch (Exception exception)
        {
            options.Logger.BatchFailed(exception);
            return null;
        }
    }

    private static bool IsTold(Pending pending, Dictionary<(string Caller, string Key), StoredAnswer> answers)
    {
        if (pending.Append?.Answer is not { } answer || !answers.TryGetValue((answer.Caller, answer.Key), out var existing))
        {
            return false;
        }

        pending.Tell(new(AppendOutcome.KeyTaken, existing));
        return true;
    }

    private async Task Fail(PostgresBatch batch, Exception why)
    {
        options.Logger.BatchFailed(why);
        var isCertain = PostgresErrors.IsCertain(why);
        foreach (var (pending, _) in batch.Members)
        {
            if (isCertain)
            {
                pending.Refuse("The journal could not be written.", why);
            }
            else
            {
                pending.Doubt("The journal could not be written; nobody knows what of it is there.", why);
            }
        }

        _isHealthy = false;
        LoseIfLost(why);
        if (!isCertain)
        {
            (_lost, _session) = (_session, null);
            await _lost!.DisposeAsync();
        }
    }

    private void LoseIfLost(Exception why)
    {
        if (why is PostgresException { SqlState: PostgresErrors.LeaseLost })
        {
            lease.Lose();
        }
    }

    private static void Refuse(IEnumerable<Pending> all)
    {
        foreach (var pending in all)
        {
            if (pending.Append is null)
            {
                pending.Tell(default);
            }
            else
            {
                pending.Refuse("The database does not answer now.");
            }
        }
    }

    /// <summary>Has a connection again and can write, or not; tries at most once in every interval.</summary>
    private async Task<bool> Heal()
    {
        var now = options.Time.GetTimestamp();
        if (_lastAttempt is { } last && options.Time.GetElapsedTime(last, now) < options.RecoveryInterval)
        {
            return false;
        }

        _lastAttempt = now;
        if (lease.IsLost)
        {
            return false;
        }

        using var patience = new PostgresPatience(CallPatience, options.Time);
        try
        {
            if (_session is null && !await Connect(patience.Token))
            {
                return false;
            }

            await Rehearse(patience.Token);
            _isHealthy = true;
            options.Logger.Reconnected();
            return true;
        }
        catch (Exception exception)
        {
            LoseIfLost(exception);
            options.Logger.NotReconnected(exception.Message);
            if (_session is not null && !PostgresErrors.IsCertain(exception))
            {
                // It wrote nothing that stays: there is nothing to wait for.
                await _session.DisposeAsync();
                _session = null;
            }

            return false;
        }
    }

    /// <summary>A new connection, once the one before it is over; false where that may still write.</summary>
    private async Task<bool> Connect(CancellationToken stop)
    {
        var session = await connections.OpenSession(stop);
        try
        {
            if (_lost is null || await session.End(_lost, stop))
            {
                (_session, _lost) = (session, null);
                return true;
            }
        }
        finally
        {
            if (_session != session)
            {
                await session.DisposeAsync();
            }
        }

        return false;
    }

    /// <summary>Writes some pages and takes them back: whether there is room, and nothing else is in the way.</summary>
    private async Task Rehearse(CancellationToken stop)
    {
        await using var transaction = await _session!.Connection.BeginTransactionAsync(stop);
        await using var command = PostgresBatch.Rehearsal().ToCommand(_session.Connection, lease.Epoch);
        await command.ExecuteNonQueryAsync(stop);
        await transaction.RollbackAsync(stop);
    }
}
