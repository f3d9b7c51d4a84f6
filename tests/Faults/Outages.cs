using System.Diagnostics;
using Npgsql;
using OrleansConcert.Postgres;

namespace OrleansConcert.Faults;

/// <summary>How a database is lost for a while.</summary>
internal enum Outage
{
    RestartedFast,
    RestartedAtOnce,
    Killed,
    Frozen,
    BackendsEnded,
    NoConnections,
    Slow,
    Locked,

    /// <summary>What there is of the log can be written to, the tables cannot grow.</summary>
    NoRoomForTables,

    /// <summary>The log cannot go on: the database panics, and may not come up again before there is room.</summary>
    NoRoomForLog,
}

/// <summary>From when until when nothing could be written, by the monotonic counter.</summary>
internal readonly record struct Gone(long From, long Until)
{
    public TimeSpan Span => Stopwatch.GetElapsedTime(From, Until);
}

/// <summary>A database that is taken from its server in every way there is, and given back.</summary>
internal sealed class Outages : IAsyncDisposable
{
    private const long DiskBytes = 256 << 20;
    private const int MostConnections = 60;

    /// <summary>Superusers alone may have the last ones.</summary>
    private const int Reserved = 3;

    private const string TooManyConnections = "53300";
    private const string EndOurs = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'concert'";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);

    private readonly LoopDisk? _disk;
    private readonly ThrowawayPostgres _postgres;
    private readonly Random _random;

    private Outages(LoopDisk? disk, ThrowawayPostgres postgres, Random random) => (_disk, _postgres, _random) = (disk, postgres, random);

    /// <summary>All that can be had here: a disk can be filled only where one can be made.</summary>
    public static IReadOnlyList<Outage> All { get; } =
        [.. Enum.GetValues<Outage>().Where(one => LoopDisk.WhyNot is null || one < Outage.NoRoomForTables)];

    /// <summary>For the server, which is neither a superuser nor alone.</summary>
    public string Database => As("concert");

    public static async Task<Outages> Start(Random random)
    {
        var disk = LoopDisk.WhyNot is null ? new LoopDisk(DiskBytes) : null;
        disk?.Open();
        var outages = new Outages(disk, (await ThrowawayPostgres.StartAsync(disk?.Folder))!, random);
        await outages._postgres.NewDatabaseAsync("concert");
        foreach (var text in new[]
        {
            $"alter system set max_connections = {MostConnections}",
            $"alter system set superuser_reserved_connections = {Reserved}",
            "create role concert login password 'concert'",
            "create role others login password 'others'",
            "alter database concert owner to concert",
            "create table probe (at timestamptz)",
            "grant insert on probe to concert",
        })
        {
            await outages.Run(text);
        }

        await outages._postgres.RestartAsync();
        return outages;
    }

    /// <summary>Takes the database away for some seconds.</summary>
    /// <param name="refused">Comes when a write is refused: before, nobody has noticed that a disk is full.</param>
    /// <returns>Null where something could be written now and then.</returns>
    public async Task<Gone?> Happen(Outage outage, Func<Task> refused)
    {
        var aWhile = TimeSpan.FromMilliseconds(_random.Next(300, 3_500));
        switch (outage)
        {
            case Outage.RestartedFast:
                return await Lose(() => _postgres.StopAsync(), aWhile, _postgres.StartAgainAsync);
            case Outage.RestartedAtOnce:
                return await Lose(() => _postgres.StopAsync(Shutdown.Immediate), aWhile, _postgres.StartAgainAsync);
            case Outage.Killed:
                return await Lose(_postgres.KillAsync, aWhile, _postgres.StartAgainAsync);
            case Outage.Frozen:
                return await Lose(Freeze, TimeSpan.FromSeconds(5), Thaw);
            case Outage.BackendsEnded:
                await EndBackends(aWhile);
                return null;
            case Outage.NoConnections:
                return await WithoutConnections(aWhile);
            case Outage.Slow:
                await InSlices(aWhile);
                return null;
            case Outage.Locked:
                return await Locked(aWhile);
            case Outage.NoRoomForTables:
                _disk!.Fill();
                await refused();
                return await Lose(() => Task.CompletedTask, aWhile, MakeRoom);
            case Outage.NoRoomForLog:
                _disk!.Fill();
                await NextLog();
                await refused();
                return await Lose(() => Task.CompletedTask, aWhile, MakeRoom);
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Comes when whoever connects as the server does can write; starts it where it ended, as an operator would.</summary>
    /// <returns>When that was, by the monotonic counter.</returns>
    public async Task<long> IsBack()
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(LookAgain))
        {
            try
            {
                if (_postgres.HasEnded)
                {
                    await _postgres.StartAgainAsync();
                }

                await Run("insert into probe values (now())", Database);
                return Stopwatch.GetTimestamp();
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException or InvalidOperationException)
            {
                Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), $"{exception}\n{_postgres.Log}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        _disk?.Dispose();
    }

    /// <summary>Asks for another file of the log. Whoever asks may be told that there is no room, or lose the connection over it.</summary>
    private async Task NextLog()
    {
        try
        {
            await Run("select pg_switch_wal()");
        }
        catch (NpgsqlException exception) when (exception is not PostgresException told
            || told.SqlState == PostgresErrorCodes.DiskFull || told.Severity is "FATAL" or "PANIC")
        {
            // That is the outage, and the server has to live with it.
        }
    }

    private static async Task<Gone?> Lose(Func<Task> take, TimeSpan span, Func<Task> giveBack)
    {
        var from = Stopwatch.GetTimestamp();
        await take();
        await Task.Delay(span);
        var until = Stopwatch.GetTimestamp();
        await giveBack();
        return new(from, until);
    }

    private Task Freeze()
    {
        _postgres.Freeze();
        return Task.CompletedTask;
    }

    private Task Thaw()
    {
        _postgres.Thaw();
        return Task.CompletedTask;
    }

    private async Task EndBackends(TimeSpan span)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < span; await Task.Delay(_random.Next(10, 300)))
        {
            await Run(EndOurs);
        }
    }

    /// <summary>Others have every connection but those that are kept for superusers.</summary>
    private async Task<Gone?> WithoutConnections(TimeSpan span)
    {
        var others = new List<NpgsqlConnection>();
        await using var super = await Sql.Open(Super);

        // One that was ended is out of the lists before its place is free: only who has them all knows that none is left.
        while (others.Count < MostConnections - Reserved - 1)
        {
            await super.Run(EndOurs);
            await Fill(others);
        }

        return await Lose(() => Task.CompletedTask, span, async () =>
        {
            foreach (var connection in others)
            {
                await connection.DisposeAsync();
            }
        });
    }

    private async Task Fill(List<NpgsqlConnection> others)
    {
        try
        {
            while (true)
            {
                others.Add(await Sql.Open(As("others")));
            }
        }
        catch (PostgresException exception) when (exception.SqlState == TooManyConnections)
        {
            // That was the last.
        }
    }

    private async Task InSlices(TimeSpan span)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < span; await Task.Delay(_random.Next(5, 50)))
        {
            _postgres.Freeze();
            await Task.Delay(_random.Next(50, 500));
            _postgres.Thaw();
        }
    }

    private async Task<Gone?> Locked(TimeSpan span)
    {
        await using var connection = await Sql.Open(Super);
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.Run("lock table concert.journal in access exclusive mode");
        return await Lose(() => Task.CompletedTask, span, () => transaction.RollbackAsync());
    }

    private Task MakeRoom()
    {
        _disk!.Free();
        return Task.CompletedTask;
    }

    private string Super => _postgres.ConnectionTo("concert");

    private string As(string role) =>
        new NpgsqlConnectionStringBuilder(Super) { Username = role, Password = role }.ConnectionString;

    private Task Run(string text) => Run(text, Super);

    /// <summary>Nobody waits for a database that is gone.</summary>
    private static Task Run(string text, string database) => Sql.Run(database + ";Timeout=1;Command Timeout=5", text);
}
