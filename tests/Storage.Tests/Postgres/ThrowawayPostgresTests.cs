using System.Diagnostics;
using Npgsql;
using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Storage.Tests.Postgres;

/// <summary>The server that the other tests start.</summary>
public sealed class ThrowawayPostgresTests(ITestOutputHelper output)
{
    private const string Insert = "CREATE TABLE seats AS SELECT 'A-1-1' AS seat";
    private const string Select = "SELECT seat FROM seats";

    [PostgresFact]
    public async Task The_first_start_of_a_day_prepares_the_others_and_each_answers()
    {
        // Not a temporary subfolder by name: those only their owner may enter.
        var within = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"starts-{Path.GetRandomFileName()}"));
        try
        {
            foreach (var start in (string[])["cold", "warm", "warm"])
            {
                var clock = Stopwatch.StartNew();
                await using var server = await Start(within.FullName);
                var afterStart = clock.ElapsedMilliseconds;
                Assert.Equal("on", await Ask(server.ConnectionString, "SHOW fsync"));
                output.WriteLine($"{start}: {afterStart} ms to the start, {clock.ElapsedMilliseconds} ms to the first answer");
                Assert.Equal(2, within.GetDirectories().Length);
            }

            Assert.Single(within.GetDirectories());
        }
        finally
        {
            within.Delete(recursive: true);
        }
    }

    [PostgresFact]
    public async Task What_a_crash_could_lose_is_as_safe_as_an_operators()
    {
        await using var server = await Start();

        foreach (var setting in (string[])["fsync", "synchronous_commit", "full_page_writes"])
        {
            Assert.Equal("on", await Ask(server.ConnectionString, $"SHOW {setting}"));
        }
    }

    [PostgresFact]
    public async Task Killed_with_all_its_processes_it_starts_again_with_its_data()
    {
        await using var server = await Start();
        var database = await server.NewDatabaseAsync("killed");
        await Ask(database, Insert);

        await server.KillAsync();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Ask(database, Select));
        await server.StartAgainAsync();

        Assert.Equal("A-1-1", await Ask(database, Select));
    }

    [PostgresTheory]
    [InlineData(Shutdown.Fast)]
    [InlineData(Shutdown.Immediate)]
    public async Task Restarted_it_has_its_data_and_has_ended_every_connection(Shutdown how)
    {
        await using var server = await Start();
        await Ask(server.ConnectionString, Insert);
        await using var connection = await Sql.Open(server.ConnectionString);

        await server.RestartAsync(how);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Ask(connection, Select));
        Assert.Equal("A-1-1", await Ask(server.ConnectionString, Select));
    }

    [PostgresFact]
    public async Task With_its_backends_killed_it_recovers_by_itself()
    {
        await using var server = await Start();
        await Ask(server.ConnectionString, Insert);
        await using var connection = await Sql.Open(server.ConnectionString);

        await server.KillBackendsAsync();

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Ask(connection, Select));
        Assert.Equal("A-1-1", await Ask(server.ConnectionString, Select));
    }

    [PostgresFact]
    public async Task Frozen_it_does_not_answer_and_thawed_it_does()
    {
        await using var server = await Start();
        await using var connection = await Sql.Open(server.ConnectionString);

        server.Freeze();
        var answer = Ask(connection, "SELECT 'late'");
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromSeconds(1)));
        server.Thaw();

        Assert.Equal("late", await answer);
    }

    [PostgresFact]
    public async Task Two_at_once_know_nothing_of_each_other()
    {
        var both = await Task.WhenAll(Start(), Start());
        await using var one = both[0];
        await using var other = both[1];

        await Ask(one.ConnectionString, Insert);
        var absent = await Assert.ThrowsAsync<PostgresException>(() => Ask(other.ConnectionString, Select));

        Assert.Equal(PostgresErrorCodes.UndefinedTable, absent.SqlState);
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposed_of_it_leaves_neither_folder_nor_server(bool frozen)
    {
        var server = await Start();
        var data = await Ask(server.ConnectionString, "SHOW data_directory");
        if (frozen)
        {
            server.Freeze();
        }

        var database = server.ConnectionString;
        await server.DisposeAsync();

        Assert.False(Directory.Exists(Path.GetDirectoryName(data)));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => Ask(database, "SELECT 'there'"));
    }

    private static async Task<ThrowawayPostgres> Start(string? within = null) => (await ThrowawayPostgres.StartAsync(within))!;

    private static async Task<string?> Ask(string database, string sql)
    {
        await using var connection = await Sql.Open(database);
        return await Ask(connection, sql);
    }

    private static async Task<string?> Ask(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (string?)await command.ExecuteScalarAsync();
    }
}
