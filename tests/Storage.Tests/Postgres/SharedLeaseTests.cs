using Npgsql;
using OrleansConcert.Postgres;
using OrleansConcert.Storage.Postgres;

namespace OrleansConcert.Storage.Tests.Postgres;

/// <summary>One lease for the silos of a cluster.</summary>
public sealed class SharedLeaseTests
{
    private const string Cluster = "cluster concert";
    private const string EpochOf = "select epoch from concert.writer";
    private const string IsLockFree = "select pg_try_advisory_xact_lock(x'4F434C45415345'::bigint)";

    [PostgresFact]
    public async Task Those_who_share_a_lease_write_side_by_side_under_one_epoch()
    {
        var database = await Stores.NewDatabase();
        await using var first = await Silo(database);
        var epoch = await Sql.Ask(database, EpochOf);
        await using var second = await Silo(database);
        Assert.Equal(epoch, await Sql.Ask(database, EpochOf));
        Assert.Equal(AppendOutcome.Durable, (await first.Append(Given.Event("a", 0, "one"))).Outcome);
        Assert.Equal(AppendOutcome.Durable, (await second.Append(Given.Event("a", 1, "two"))).Outcome);
        await second.SaveSnapshot("a", 2, [Given.Text("state")]);
        Assert.Equal((true, true, true), (first.IsOurs, second.IsOurs, first.IsShared));
        Assert.Equal(2, (await first.Load("a")).SnapshotVersion);
    }

    [PostgresFact]
    public async Task A_server_that_is_alone_is_kept_out_by_a_cluster_and_a_cluster_by_a_server_and_each_is_told_by_whom()
    {
        var database = await Stores.NewDatabase();
        await using (await Silo(database))
        {
            await Refused(Stores.On(database, "process 1 on alpha"), Cluster);
            await Refused(Stores.Shared(database, "cluster other"), Cluster);
        }

        await using (await PostgresJournal.Open(Stores.On(database, "process 1 on alpha")))
        {
            await Refused(Stores.Shared(database, Cluster), "process 1 on alpha");
        }
    }

    [PostgresFact]
    public async Task The_lease_is_given_back_with_the_last_who_shares_it()
    {
        var database = await Stores.NewDatabase();
        var (first, second) = (await Silo(database), await Silo(database));
        await first.DisposeAsync();
        Assert.Equal(Cluster, await Sql.Ask(database, "select owner from concert.writer"));
        Assert.Equal(false, await Sql.Ask(database, IsLockFree));
        await second.DisposeAsync();
        Assert.Equal(DBNull.Value, await Sql.Ask(database, "select owner from concert.writer"));
        await Waiting.Until(database, IsLockFree);
        await using var alone = await PostgresJournal.Open(Stores.On(database));
        Assert.Equal(2L, await Sql.Ask(database, EpochOf));
    }

    [PostgresFact]
    public async Task Who_only_looks_needs_no_lease_and_takes_none()
    {
        var database = await Stores.NewDatabase();
        await Assert.ThrowsAsync<StoreException>(() => PostgresJournal.Look(database, "keys"));
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        await using (var silo = await Silo(database))
        {
            await silo.Append(Given.Event("keys", 0, "one") with { At = at });
            var (stream, last) = await PostgresJournal.Look(database, "keys");
            Assert.Equal((1, at), (stream.Head, last));
        }

        var (none, still) = await PostgresJournal.Look(database, "none");
        Assert.Equal((0, at), (none.Head, still));
        Assert.Equal(DBNull.Value, await Sql.Ask(database, "select owner from concert.writer"));
        Assert.Equal(1L, await Sql.Ask(database, EpochOf));
    }

    [PostgresFact]
    public async Task A_lease_that_one_gave_back_by_mistake_is_taken_up_again_by_those_who_go_on()
    {
        var database = await Stores.NewDatabase();
        await using var silo = await Silo(database);
        await Sql.Run(database, "update concert.writer set owner = null");
        await Waiting.Until(database, $"select coalesce(owner = '{Cluster}', false) from concert.writer");
        Assert.Equal(1L, await Sql.Ask(database, EpochOf));
    }

    [PostgresFact]
    public async Task A_silo_that_starts_after_a_long_outage_ends_none_of_its_cluster()
    {
        var database = await Stores.NewDatabase();
        await using var first = await Silo(database);
        await Sql.Run(database, """
            update concert.writer set renewed_at = clock_timestamp() - interval '1 hour';
            select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
            """);

        // The machine may be busy: the second waits for the sessions of the first as long as those need.
        await using var second = await PostgresJournal.Open(Stores.Shared(database, Cluster) with { Time = new StandingTime() });
        Assert.Equal(1L, await Sql.Ask(database, EpochOf));
        await Waiting.Until(() => first.IsOurs && first.IsHealthy);
        Assert.Equal(AppendOutcome.Durable, (await second.Append(Given.Event("a", 0, "one"))).Outcome);
    }

    [PostgresFact]
    public async Task The_first_silo_after_all_were_lost_takes_the_lease_and_finds_none_of_them_in_its_cluster()
    {
        var database = await Stores.NewDatabase();
        await PostgresJournal.Migrate(database);
        await Sql.Run(database, $"""
            update concert.writer set epoch = 7, owner = '{Cluster}', renewed_at = clock_timestamp() - interval '4 seconds';
            insert into concert.clusters (id, version) values ('concert', 3), ('other', 3);
            insert into concert.silos (cluster, address, port, generation, name, host, status, gateway_port, started_at, alive_at)
              select id, '10.0.0.1', port, 1, 'lost', 'lost', 3, 30000, now(), now() from concert.clusters, generate_series(1, 2) as port;
            """);

        // A cluster of another database of the same server lives.
        await using var others = await Silo(await Stores.NewDatabase());
        await using var silo = await Silo(database);
        Assert.Equal(8L, await Sql.Ask(database, EpochOf));
        const string Members = "select string_agg(status || ' at ' || version, ', ' order by id, port) from concert.silos"
            + " join concert.clusters on cluster = id";
        Assert.Equal("6 at 4, 6 at 4, 3 at 3, 3 at 3", await Sql.Ask(database, Members));
        await using var second = await Silo(database);
        Assert.Equal(8L, await Sql.Ask(database, EpochOf));
    }

    [PostgresFact]
    public async Task A_cluster_that_was_followed_loses_every_silo()
    {
        var database = await Stores.NewDatabase();
        await using var first = await Silo(database);
        await using var second = await Silo(database);
        await Sql.Run(database, "update concert.writer set epoch = epoch + 1, owner = 'another', renewed_at = clock_timestamp()");
        await Assert.ThrowsAsync<JournalException>(() => first.Append(Given.Event("a", 0, "one")));
        await Waiting.Until(() => first.Lost.IsCompleted && second.Lost.IsCompleted);
        Assert.Equal((false, false), (first.IsOurs, second.IsOurs));
        Assert.Equal(0L, await Sql.Ask(database, "select count(*) from concert.journal"));
    }

    [PostgresFact]
    public async Task A_silo_that_was_frozen_may_tell_nothing_before_it_has_renewed()
    {
        var database = await Stores.NewDatabase();
        var time = new JumpingTime();
        await using var frozen = await PostgresJournal.Open(Stores.Shared(database, Cluster) with { Time = time });
        await using var other = await Silo(database);
        await using var blocker = await Sql.Open(database);
        await using (var transaction = await blocker.BeginTransactionAsync())
        {
            await blocker.Run("select from concert.writer for update");
            time.Jump(TimeSpan.FromSeconds(20));
            Assert.False(frozen.IsOurs);
            await transaction.CommitAsync();
        }

        await Waiting.Until(() => frozen.IsOurs && frozen.IsHealthy && other.IsHealthy);
        Assert.Equal(AppendOutcome.Durable, (await frozen.Append(Given.Event("a", 0, "one"))).Outcome);
    }

    [PostgresTheory]
    [InlineData("select concert.keep(0)")]
    [InlineData("select concert.begin_snapshot(0, 'a', 1)")]
    public async Task A_renewal_waits_for_no_write_and_a_takeover_waits_for_every_one(string write)
    {
        var database = await Stores.NewDatabase();
        await PostgresJournal.Migrate(database);
        await using var writing = await Sql.Open(database);
        await using var transaction = await writing.BeginTransactionAsync();
        await writing.Run(write);
        await Sql.Run(database, "set lock_timeout = '200ms'; update concert.writer set renewed_at = clock_timestamp() where epoch = 0");
        var late = await Assert.ThrowsAsync<PostgresException>(
            () => Sql.Run(database, "set lock_timeout = '200ms'; update concert.writer set epoch = epoch + 1"));
        Assert.Equal(PostgresErrorCodes.LockNotAvailable, late.SqlState);
        await transaction.CommitAsync();
        await Sql.Run(database, "update concert.writer set epoch = epoch + 1");
    }

    private static Task<PostgresJournal> Silo(string database) => PostgresJournal.Open(Stores.Shared(database, Cluster));

    private static async Task Refused(PostgresOptions options, string by)
    {
        var refused = await Assert.ThrowsAsync<StoreException>(() => PostgresJournal.Open(options));
        Assert.Contains(by, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The system's time for timers; whoever measures finds that none has passed.</summary>
    private sealed class StandingTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
