using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using OrleansConcert.Postgres;
using OrleansConcert.Storage.Postgres;
using OrleansConcert.Storage.Providers;

namespace OrleansConcert.Storage.Tests.Postgres;

/// <summary>Several silos write into one database at once.</summary>
public sealed class SeveralWritersTests
{
    [PostgresFact]
    public async Task The_end_is_told_once_nothing_comes_before_it_any_more()
    {
        var database = await Stores.NewDatabase();
        await using var journal = await Silo(database);
        await using var slow = await Sql.Open(database);
        await using var transaction = await slow.BeginTransactionAsync();
        await slow.Run(Slow("slow", 0));
        await journal.Append(Given.Event("fast", 0, "fast"));
        var end = Patiently(journal.End);
        await Waiting.UntilSomebodyWaits(database);
        Assert.False(end.IsCompleted);
        await transaction.CommitAsync();
        var read = new List<string>();
        await foreach (var entry in journal.Read(0, await end, CancellationToken.None))
        {
            read.Add(entry.Stream);
        }

        Assert.Equal(["slow", "fast"], read);
    }

    [PostgresFact]
    public async Task An_end_that_cannot_be_told_in_time_is_refused_and_holds_nobody_up_for_good()
    {
        var database = await Stores.NewDatabase();
        await using var journal = await Silo(database);
        await using var slow = await Sql.Open(database);
        await using var transaction = await slow.BeginTransactionAsync();
        await slow.Run(Slow("slow", 0));
        await Assert.ThrowsAsync<JournalException>(journal.End);
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.Event("fast", 0, "fast"))).Outcome);
    }

    [PostgresFact]
    public async Task The_head_waits_for_a_write_that_still_runs()
    {
        var database = await Stores.NewDatabase();
        await using var journal = await Silo(database);
        Assert.Equal(0, await journal.Head("slow"));
        await journal.Append(Given.Event("slow", 0, "one"));
        await using var slow = await Sql.Open(database);
        await using var transaction = await slow.BeginTransactionAsync();
        await slow.Run(Slow("slow", 1));
        var head = Patiently(() => journal.Head("slow"));
        await Waiting.UntilSomebodyWaits(database);
        Assert.False(head.IsCompleted);
        await transaction.CommitAsync();
        Assert.Equal(2, await head);
    }

    [PostgresFact]
    public async Task What_one_writes_moves_the_latest_instant_of_the_others()
    {
        var database = await Stores.NewDatabase();
        await using var one = await Silo(database);
        await using var other = await Silo(database);
        await one.Append(Given.Event("a", 0, "one"));
        await Waiting.Until(() => other.LastInstant == Given.Noon);
    }

    [PostgresFact]
    public async Task Whoever_follows_the_end_misses_nothing_and_no_batch_is_in_anothers_way()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SEED"), out var given) ? given : new Random().Next();
        var repeated = new Repeated();
        var database = await Stores.NewDatabase();
        var options = Stores.Shared(database) with { Logger = repeated, WriteTimeout = TimeSpan.FromSeconds(20) };
        await using var one = await PostgresJournal.Open(options);
        await using var other = await PostgresJournal.Open(options);
        var notes = Enumerable.Range(0, Contention.Notes).Select(Contention.NoteOf);
        await one.Append(Given.Event("begun", 0, "begun") with { Notes = [.. notes] });
        var contention = new Contention(seed);
        var writers = new[] { one, other }.SelectMany(journal => Enumerable.Range(0, 3).Select(number =>
            Task.Run(() => contention.Write(journal, number)))).ToArray();
        var all = Task.WhenAll(writers);
        var (read, from) = (new List<JournalEntry>(), 0L);
        for (var last = false; !last;)
        {
            last = all.IsCompleted;
            var end = await Patiently(one.End);
            await foreach (var entry in one.Read(from, end, CancellationToken.None))
            {
                read.Add(entry);
            }

            from = end;
        }

        await all;
        Assert.True(repeated.Lines.IsEmpty, $"SEED={seed}: {string.Join('\n', repeated.Lines)}");
        var events = read.Where(entry => entry.Stream.StartsWith('c')).ToList();
        Assert.Equal(contention.Written.Order(), events.Select(entry => Given.TextOf(entry.Text)).Order());
        Assert.All(read.GroupBy(entry => entry.Stream), stream =>
            Assert.Equal(Enumerable.Range(1, stream.Count()).Select(version => (long)version), stream.Select(entry => entry.Version)));
    }

    [PostgresFact]
    public async Task A_batch_takes_its_streams_in_the_order_of_their_names_so_that_two_never_wait_in_a_circle()
    {
        var database = await Stores.NewDatabase();
        await using var journal = await Silo(database);
        await journal.Append(Given.Event("b", 0, "one") with { Notes = [Note("a")] });
        await using var other = await Sql.Open(database);
        await using var transaction = await other.BeginTransactionAsync();
        await other.Run("select from concert.streams where stream = 'a' for update");
        var appended = journal.Append(Given.Event("b", 1, "two") with { Notes = [Note("a")] });
        await Waiting.UntilSomebodyWaits(database);
        await Sql.Run(database, "select from concert.streams where stream = 'b' for update nowait");
        await transaction.CommitAsync();
        Assert.Equal(AppendOutcome.Durable, (await appended).Outcome);
    }

    [PostgresTheory]
    [InlineData("its key had an answer")]
    [InlineData("it waited for too long")]
    [InlineData("its connection was lost")]
    public async Task What_follows_an_append_that_was_not_written_is_refused_for_whatever_reason_though_its_number_fits(string reason)
    {
        var database = await Stores.NewDatabase();
        await using var zombie = await Silo(database);
        await zombie.Append(Given.Event("a", 0, "one"));
        await using var other = await Sql.Open(database);
        await using var transaction = await other.BeginTransactionAsync();
        await other.Run(Slow("a", 1));
        var first = zombie.Append(Given.Event("a", 1, "never was") with { Answer = Given.Answer("alice", "key") });
        await Waiting.UntilSomebodyWaits(database);
        var next = zombie.Append(Given.Event("a", 2, "decided on that"));
        switch (reason)
        {
            case "its key had an answer":
                await other.Run("insert into concert.answers values ('alice', 'key', 'print', 201, '{}', '2026-05-01 12:00Z')");
                break;
            case "its connection was lost":
                await Sql.Run(database, """
                    select pg_terminate_backend(pid) from pg_locks join pg_stat_activity using (pid)
                    where not granted and datname = current_database()
                    """);
                break;
        }

        if (reason != "its key had an answer")
        {
            await Assert.ThrowsAsync<JournalException>(() => first);
        }

        await transaction.CommitAsync();
        Assert.False(await IsDurable(first));
        Assert.False(await IsDurable(next));
        Assert.Equal(["one", "another's"], await zombie.Texts("a"));
        await Waiting.Until(() => zombie.IsHealthy);
        Assert.Equal(2, (await zombie.Load("a")).Head);
        Assert.True(await IsDurable(zombie.Append(Given.Event("a", 2, "three"))));
    }

    [PostgresFact]
    public async Task A_batch_that_was_undone_for_anothers_sake_is_written_again_but_not_for_ever()
    {
        var repeated = new Repeated();
        var database = await Stores.NewDatabase();
        await using var journal = await PostgresJournal.Open(Stores.Shared(database) with { Logger = repeated });
        await Sql.Run(database, """
            create sequence tries;
            create function undo() returns trigger language plpgsql as $$
            begin
              case nextval('tries')
                when 1 then raise exception 'undone' using errcode = '40P01';
                when 2 then raise exception 'undone' using errcode = '40001';
                when 3 then return new;
                else raise exception 'undone' using errcode = '40P01';
              end case;
            end $$;
            create trigger undo before insert on concert.journal for each row execute function undo();
            """);
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.Event("a", 0, "one"))).Outcome);
        Assert.Equal(2, repeated.Lines.Count);
        var refused = await Assert.ThrowsAsync<JournalException>(() => journal.Append(Given.Event("a", 1, "two")));
        Assert.True(refused.NothingWritten);
        await Sql.Run(database, "drop trigger undo on concert.journal");
        Assert.Equal(1, (await journal.Load("a")).Head);
        Assert.Equal(AppendOutcome.Durable, (await journal.Append(Given.Event("a", 1, "two"))).Outcome);
        Assert.Equal(["one", "two"], await journal.Texts("a"));
    }

    [PostgresFact]
    public async Task Of_two_who_write_one_state_exactly_one_is_told_that_it_was_written_by_somebody_else()
    {
        var database = await Stores.NewDatabase();
        await using var one = await Silo(database);
        await using var other = await Silo(database);
        var storages = new[] { one, other }.Select(journal => new JournalGrainStorage(journal, TimeProvider.System)).ToArray();
        var grain = GrainId.Create("catalog", "catalog");
        for (var round = 0; round < 20; round++)
        {
            var states = storages.Select(_ => new GrainState<List<string>>()).ToArray();
            await Task.WhenAll(storages.Zip(states, (storage, state) => storage.ReadStateAsync("titles", grain, state)));
            var writes = storages.Zip(states, (storage, state) => Task.Run(async () =>
            {
                state.State!.Add($"{round} by {Array.IndexOf(storages, storage)}");
                await storage.WriteStateAsync("titles", grain, state);
            })).ToArray();
            await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default);
            var loser = Assert.Single(writes, write => write.IsFaulted);
            Assert.IsType<InconsistentStateException>(loser.Exception!.InnerException);
            var winner = states[writes[0] == loser ? 1 : 0];
            var read = new GrainState<List<string>>();
            await storages[0].ReadStateAsync("titles", grain, read);
            Assert.Equal((winner.State!.Count, winner.State[^1], winner.ETag), (round + 1, read.State![^1], read.ETag));
        }
    }

    private static Note Note(string stream) => new(stream, Given.Text("noted"));

    /// <summary>One event of the stream, by a call of another server.</summary>
    private static string Slow(string stream, long head) => FormattableString.Invariant($"""
        select won from concert.append(1, array['{stream}'], array[{head}::bigint], array[{head + 1}::bigint], array[false],
          array[1], array['{stream}'], array[{head + 1}::bigint], array['2026-05-01 12:00Z'::timestamptz], array['another''s'::bytea],
          array[]::integer[], array[]::text[], array[]::text[], array[]::bytea[], array[]::integer[], array[]::bytea[],
          array[]::timestamptz[])
        """);

    private static async Task<bool> IsDurable(Task<AppendResult> append)
    {
        try
        {
            return (await append).Outcome == AppendOutcome.Durable;
        }
        catch (JournalException)
        {
            return false;
        }
    }

    private static Task<PostgresJournal> Silo(string database) => PostgresJournal.Open(Stores.Shared(database));

    /// <summary>A machine that is busy may need longer than anybody waits.</summary>
    private static async Task<long> Patiently(Func<Task<long>> ask)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (JournalException)
            {
                // Asked again.
            }
        }
    }

    /// <summary>Writers who want the same few streams in whatever order.</summary>
    private sealed class Contention(int seed)
    {
        public const int Notes = 6;
        private const int Streams = 6;
        private const int Rounds = 60;

        private int _texts;

        public ConcurrentBag<string> Written { get; } = [];

        public static Note NoteOf(int number) => Note($"n/{number}");

        public async Task Write(PostgresJournal journal, int number)
        {
            var random = new Random(seed + number);
            for (var round = 0; round < Rounds; round++)
            {
                var order = Enumerable.Range(0, Streams).ToArray();
                random.Shuffle(order);
                await Task.WhenAll(order.Select(stream => Write(journal, $"c/{stream}", NoteOf(random.Next(Notes)))));
            }
        }

        private async Task Write(PostgresJournal journal, string stream, Note note)
        {
            var (text, head) = ($"text {Interlocked.Increment(ref _texts)}", (await journal.Load(stream)).Head);
            if ((await journal.Append(Given.Event(stream, head, text) with { Notes = [note] })).Outcome == AppendOutcome.Durable)
            {
                Written.Add(text);
            }
        }
    }

    /// <summary>What was told of batches that were written again.</summary>
    private sealed class Repeated : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 12)
            {
                Lines.Enqueue(formatter(state, exception));
            }
        }
    }
}
