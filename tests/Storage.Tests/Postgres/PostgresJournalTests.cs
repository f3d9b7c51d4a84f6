using System.Diagnostics;
using Npgsql;
using OrleansConcert.Postgres;
using OrleansConcert.Storage.Postgres;
using OrleansConcert.Storage.Providers;

namespace OrleansConcert.Storage.Tests.Postgres;

/// <summary>What is PostgreSQL's own: the fence between servers, the lease, the schema, and a database that goes and comes.</summary>
public sealed class PostgresJournalTests
{
    private static readonly bool s_isTimed = Environment.GetEnvironmentVariable("BOUNDS") is { Length: > 0 };

    /// <summary>
    /// As long as anybody may wait for a database that does not answer: with <c>BOUNDS</c>, on a machine with nothing else to do.
    /// </summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(s_isTimed ? 2.5 : 15);

    /// <summary>As long as it may take from when the database is back until all is well.</summary>
    private static readonly TimeSpan s_wellAfter = TimeSpan.FromSeconds(s_isTimed ? 1 : 15);

    [PostgresFact]
    public async Task What_a_server_that_was_followed_sends_is_refused_whole_and_keeps_nobody_else_out()
    {
        var database = await Stores.NewDatabase();
        await using var zombie = await Silo(database);
        await using var follower = await Silo(database);
        await zombie.Append(Given.Event("schedule/a", 0, "one"));
        await follower.Append(Given.Event("schedule/a", 1, "two", "three"));
        var all = await Task.WhenAll(
            zombie.Append(Given.Event("schedule/a", 1, "zombie 2", "zombie 3") with { Notes = [Note("reservations/x")] }),
            zombie.Append(Given.Event("schedule/b", 0, "one", "two")),
            zombie.Append(Given.Event("schedule/a", 3, "zombie 4") with { Answer = Given.Answer("alice", "key") }),
            zombie.Append(Given.Event("schedule/c", 0, "one")));

        Assert.Equal(
            [AppendOutcome.HeadMoved, AppendOutcome.Durable, AppendOutcome.HeadMoved, AppendOutcome.Durable],
            all.Select(result => result.Outcome));
        Assert.Equal(["one", "two", "three"], await follower.Texts("schedule/a"));
        Assert.Equal(["one", "two"], await follower.Texts("schedule/b"));
        Assert.Equal(["one"], await follower.Texts("schedule/c"));
        Assert.Empty(await follower.ReadBackward("reservations/x", long.MaxValue, 1));
        Assert.Null(await follower.FindAnswer("alice", "key"));
    }

    [PostgresFact]
    public async Task What_follows_a_refused_append_is_refused_until_its_stream_is_loaded_though_its_number_fits()
    {
        var database = await Stores.NewDatabase();
        await using var zombie = await Silo(database);
        await using var follower = await Silo(database);
        await follower.Append(Given.Event("schedule/a", 0, "one"));
        Assert.Equal(AppendOutcome.HeadMoved, (await zombie.Append(Given.Event("schedule/a", 0, "zombie 1"))).Outcome);
        Assert.Equal(AppendOutcome.HeadMoved, (await zombie.Append(Given.Event("schedule/a", 1, "zombie 2"))).Outcome);
        Assert.Equal(1, (await zombie.Load("schedule/a")).Head);
        Assert.Equal(AppendOutcome.Durable, (await zombie.Append(Given.Event("schedule/a", 1, "two"))).Outcome);
        Assert.Equal(["one", "two"], await follower.Texts("schedule/a"));
    }

    [PostgresFact]
    public async Task A_second_server_is_told_who_has_the_database_and_has_it_at_once_when_the_first_has_stopped()
    {
        var database = await Stores.NewDatabase();
        await using (await PostgresJournal.Open(Stores.On(database, "process 1 on alpha")))
        {
            var refused = await Assert.ThrowsAsync<StoreException>(() => PostgresJournal.Open(Stores.On(database, "process 2 on beta")));
            Assert.Contains("process 1 on alpha", refused.Message, StringComparison.Ordinal);
        }

        var watch = Stopwatch.StartNew();
        await using var second = await PostgresJournal.Open(Stores.On(database, "process 2 on beta"));
        Assert.True(watch.Elapsed < s_longest, $"it took {watch.Elapsed}");
        Assert.Equal(AppendOutcome.Durable, (await second.Append(Given.Event("a", 0, "one"))).Outcome);
    }

    [PostgresFact]
    public async Task A_server_that_lost_its_lease_writes_nothing_and_knows_it()
    {
        var database = await Stores.NewDatabase();
        await using var journal = await PostgresJournal.Open(Stores.On(database));
        await journal.Append(Given.Event("a", 0, "one"));
        await Sql.Run(database, "update concert.writer set epoch = epoch + 1, owner = 'another', renewed_at = clock_timestamp()");
        var refused = await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "two")));
        Assert.True(refused.NothingWritten);
        await journal.Lost.WaitAsync(s_longest);
        Assert.Equal((false, false), (journal.IsOurs, journal.IsHealthy));
        await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("b", 0, "one")));
        Assert.Equal(1L, await Sql.Ask(database, "select count(*) from concert.journal"));
    }

    [PostgresFact]
    public async Task A_lease_that_was_lost_while_nothing_was_written_is_noticed_too()
    {
        var database = await Stores.NewDatabase();
        await using var journal = await PostgresJournal.Open(Stores.On(database));
        await Sql.Run(database, "update concert.writer set epoch = epoch + 1, owner = 'another', renewed_at = clock_timestamp()");
        await journal.Lost.WaitAsync(s_longest);
        Assert.Equal((false, false), (journal.IsOurs, journal.IsHealthy));
    }

    [PostgresFact]
    public async Task A_server_that_was_frozen_while_its_sessions_ended_may_tell_nothing_though_it_has_not_noticed_yet()
    {
        var database = await Stores.NewDatabase();
        var time = new JumpingTime();
        await using var frozen = await PostgresJournal.Open(Stores.On(database) with { Time = time });
        await Sql.Run(database, """
            select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
            update concert.writer set epoch = epoch + 1, owner = 'another', renewed_at = clock_timestamp();
            """);
        time.Jump(TimeSpan.FromSeconds(5));
        Assert.False(frozen.IsOurs);
    }

    [PostgresTheory]
    [InlineData("restarted in order")]
    [InlineData("restarted at once")]
    [InlineData("killed")]
    [InlineData("its backends killed")]
    [InlineData("frozen")]
    public async Task Whatever_happens_to_the_database_what_was_acknowledged_is_there_once_and_all_is_well_afterwards(string what)
    {
        await using var server = (await ThrowawayPostgres.StartAsync())!;
        await using var journal = await PostgresJournal.Open(Stores.On(await server.NewDatabaseAsync("store")));
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2).Select(number => Task.Run(() => WriteUntil(journal, $"s/{number}", stop.Token))).ToArray();
        await Written(journal, 100);
        await Happen(server, what);
        var watch = Stopwatch.StartNew();
        await Written(journal, 100);
        Assert.True(watch.Elapsed < s_wellAfter, $"it went on after {watch.Elapsed}");
        await stop.CancelAsync();
        foreach (var (acknowledged, doubtful, slowest) in await Task.WhenAll(writers))
        {
            Assert.True(slowest < s_longest, $"somebody waited for {slowest}");
            var texts = await journal.Texts(acknowledged[0][..3]);
            Assert.Equal(texts.Distinct(), texts);
            Assert.Empty(acknowledged.Except(texts));
            Assert.Empty(texts.Except(acknowledged).Except(doubtful));
        }
    }

    [PostgresFact]
    public async Task However_many_read_from_a_database_that_hangs_each_is_told_in_time()
    {
        await using var server = (await ThrowawayPostgres.StartAsync())!;
        await using var journal = await PostgresJournal.Open(Stores.On(await server.NewDatabaseAsync("store")));
        await journal.Append(Given.Event("a", 0, "one"));
        var reads = Enumerable.Repeat(() => journal.ReadBackward("a", long.MaxValue, 1), 40).ToList();
        await Task.WhenAll(reads.Select(read => read()));
        server.Freeze();
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(reads.Select(read => Assert.ThrowsAsync<JournalException>(read)));
        Assert.True(watch.Elapsed < s_longest, $"it took {watch.Elapsed}");
        server.Thaw();
        await Eventually(() => journal.IsHealthy);
        Assert.Single(await journal.ReadBackward("a", long.MaxValue, 1));
    }

    [PostgresFact]
    public async Task A_database_that_takes_no_writes_is_noticed_and_so_is_that_it_does_again_though_nobody_writes()
    {
        var database = await Stores.NewDatabase();
        await using var journal = await PostgresJournal.Open(Stores.On(database));
        await journal.Append(Given.Event("a", 0, "one"));
        await Sql.Run(database, """
            create function concert.no_room() returns trigger language plpgsql as
            $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$;
            create trigger no_room before insert on concert.journal execute function concert.no_room()
            """);
        var refused = await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "two")));
        Assert.Equal((true, false), (refused.NothingWritten, journal.IsHealthy));
        Assert.Equal(["one"], await journal.Texts("a"));

        await Sql.Run(database, "drop trigger no_room on concert.journal");
        await Eventually(() => journal.IsHealthy);
        Assert.Equal(1L, await Sql.Ask(database, "select count(*) from concert.journal"));
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.Event("a", 1, "two"))).Outcome);
    }

    [PostgresFact]
    public async Task A_state_whose_write_the_database_did_not_take_can_be_written_again_when_it_does()
    {
        var database = await Stores.NewDatabase();
        await using var journal = await PostgresJournal.Open(Stores.On(database));
        var storage = new JournalGrainStorage(journal, TimeProvider.System);
        var (grain, state) = (GrainId.Create("catalog", "catalog"), new GrainState<List<string>>(["one"]));
        await storage.WriteStateAsync("titles", grain, state);
        await Sql.Run(database, "alter table concert.journal add constraint nothing_more check (version < 2)");
        state.State!.Add("two");
        await Assert.ThrowsAsync<JournalException>(() => storage.WriteStateAsync("titles", grain, state));
        await Sql.Run(database, "alter table concert.journal drop constraint nothing_more");
        await Eventually(() => journal.IsHealthy);
        await storage.WriteStateAsync("titles", grain, state);
        Assert.Equal("2", state.ETag);
    }

    [PostgresFact]
    public async Task A_start_is_refused_where_what_is_acknowledged_could_be_lost()
    {
        await using var server = (await ThrowawayPostgres.StartAsync())!;
        foreach (var setting in new[] { "fsync", "full_page_writes" })
        {
            await Sql.Run(server.ConnectionString, $"alter system set {setting} = off");
            await Sql.Run(server.ConnectionString, "select pg_reload_conf()");
            await server.RestartAsync();
            var refused = await Assert.ThrowsAsync<StoreException>(() => PostgresJournal.Open(Stores.On(server.ConnectionString)));
            Assert.Contains(setting, refused.Message, StringComparison.Ordinal);
            await Sql.Run(server.ConnectionString, $"alter system reset {setting}");
            await server.RestartAsync();
        }
    }

    [PostgresFact]
    public async Task A_start_is_refused_at_a_newer_schema_and_at_an_old_one_that_the_role_may_not_change()
    {
        var database = await Stores.NewDatabase();
        var (owner, server) = await ServerRoles.Make(database);
        var refused = await Assert.ThrowsAsync<StoreException>(() => PostgresJournal.Open(Stores.On(server)));
        Assert.Contains("migrate", refused.Message, StringComparison.Ordinal);

        Assert.Equal(Enumerable.Range(1, PostgresSchema.Newest), await PostgresJournal.Migrate(owner));
        Assert.Empty(await PostgresJournal.Migrate(owner));
        await using (var journal = await PostgresJournal.Open(Stores.On(server)))
        {
            await journal.Append(Given.Event("a", 0, "one") with { Notes = [Note("n")], Answer = Given.Answer("alice", "key") });
            await journal.SaveSnapshot("a", 1, [Given.Text("state")]);
            Assert.Equal(1, (await journal.Load("a")).SnapshotVersion);
        }

        await Assert.ThrowsAsync<PostgresException>(() => Sql.Run(server, "drop table concert.journal"));
        await Sql.Run(owner, "insert into concert.migrations values (99, 'later', now())");
        refused = await Assert.ThrowsAsync<StoreException>(() => PostgresJournal.Open(Stores.On(owner)));
        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task Answers_are_forgotten_after_a_day_and_no_sooner()
    {
        var database = await Stores.NewDatabase();
        await using var journal = await PostgresJournal.Open(Stores.On(database));
        await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "old")));
        await journal.Append(Given.OnlyAnswer(Given.Answer("alice", "young", at: Given.Noon.AddMilliseconds(1))));
        Assert.Equal(0, await journal.ForgetOldAnswers());
        await journal.Append(Given.Event("a", 0, "later") with { At = Given.Noon.AddDays(1) });
        Assert.Equal(1, await journal.ForgetOldAnswers());
        Assert.Equal("young", await Sql.Ask(database, "select key from concert.answers"));
    }

    [PostgresFact]
    public async Task A_stop_does_not_wait_until_all_old_answers_are_forgotten()
    {
        var database = await Stores.NewDatabase();
        await PostgresJournal.Migrate(database);
        await Sql.Run(database, """
            insert into concert.answers select 'alice', n, '', 200, '', '1960-01-01' from generate_series(1, 30000) as n
            """);
        await using var blocker = await Sql.Open(database);
        await using var transaction = await blocker.BeginTransactionAsync();
        await blocker.Run("select from concert.answers for update");
        var journal = await PostgresJournal.Open(Stores.On(database) with { Time = new HastyTime() });
        await Waiting.UntilSomebodyWaits(database);
        var stopped = journal.DisposeAsync();
        await transaction.CommitAsync();
        await stopped;
        Assert.NotEqual(0L, await Sql.Ask(database, "select count(*) from concert.answers"));
    }

    [PostgresFact]
    public async Task What_is_no_text_is_refused_before_it_hinders_others()
    {
        await using var journal = await PostgresJournal.Open(Stores.On(await Stores.NewDatabase()));
        foreach (byte wrong in new byte[] { 0, 0xFF })
        {
            await Assert.ThrowsAsync<ArgumentException>(
                () => journal.Append(Given.Event("a", 0) with { Events = [new byte[] { wrong }] }));
        }
    }

    private static Note Note(string stream) => new(stream, Given.Text("noted"));

    private static Task<PostgresJournal> Silo(string database) => PostgresJournal.Open(Stores.Shared(database));

    private static async Task Happen(ThrowawayPostgres server, string what)
    {
        switch (what)
        {
            case "restarted in order":
                await server.RestartAsync();
                break;
            case "restarted at once":
                await server.RestartAsync(Shutdown.Immediate);
                break;
            case "killed":
                await server.KillAsync();
                await server.StartAgainAsync();
                break;
            case "its backends killed":
                await server.KillBackendsAsync();
                break;
            default:
                server.Freeze();

                // What waits for it notices before it goes on.
                await Assert.ThrowsAnyAsync<Exception>(() => Sql.Open(server.ConnectionString + ";Timeout=5"));
                server.Thaw();
                break;
        }
    }

    /// <summary>Appends one after another as a grain does: whoever does not know what became of one looks.</summary>
    private static async Task<(List<string> Acknowledged, List<string> Doubtful, TimeSpan Slowest)> WriteUntil(
        PostgresJournal journal, string stream, CancellationToken stop)
    {
        var (acknowledged, doubtful, slowest) = (new List<string>(), new List<string>(), TimeSpan.Zero);
        var head = (long?)0;
        for (var number = 0; !stop.IsCancellationRequested || head is null; number++)
        {
            var text = $"{stream} {number}";
            var watch = Stopwatch.StartNew();
            try
            {
                head ??= (await journal.Load(stream)).Head;
                watch.Restart();
                if ((await journal.Append(Given.Event(stream, head.Value, text))).Outcome == AppendOutcome.Durable)
                {
                    acknowledged.Add(text);
                    head++;
                }
                else
                {
                    head = null;
                }
            }
            catch (JournalException exception)
            {
                if (!exception.NothingWritten)
                {
                    doubtful.Add(text);
                }

                head = null;
                await Task.Yield();
            }

            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
        }

        return (acknowledged, doubtful, slowest);
    }

    /// <summary>Comes back when so many more are durable.</summary>
    private static Task Written(PostgresJournal journal, int more)
    {
        var until = journal.Appends + more;
        return Waiting.Until(() => journal.Appends >= until);
    }

    /// <summary>Comes when it is so, which must be soon.</summary>
    private static async Task Eventually(Func<bool> isSo)
    {
        var watch = Stopwatch.StartNew();
        await Waiting.Until(isSo);
        Assert.True(watch.Elapsed < s_wellAfter, $"it is so only after {watch.Elapsed}");
    }

    /// <summary>The system's time, but that whoever waits for a minute need not.</summary>
    private sealed class HastyTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == TimeSpan.FromMinutes(1) ? TimeSpan.Zero : dueTime, period);
    }
}
