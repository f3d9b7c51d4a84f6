using System.Diagnostics;
using OrleansConcert.Postgres;

namespace OrleansConcert.Storage.Tests;

/// <summary>For what another process or thread brings about.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Between two looks: what is looked for needs the processor.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    public static async Task Until(Func<Task<bool>> holds)
    {
        using var pause = new PeriodicTimer(Pause);
        for (var watch = Stopwatch.StartNew(); !await holds(); await pause.WaitForNextTickAsync())
        {
            Assert.True(watch.Elapsed < Limit, "It never came to hold.");
        }
    }

    public static Task Until(Func<bool> holds) => Until(() => Task.FromResult(holds()));

    /// <summary>Comes back once the database says so.</summary>
    public static async Task Until(string database, string holds)
    {
        await using var connection = await Sql.Open(database);
        await Until(async () => (bool)(await connection.Ask(holds))!);
    }

    /// <summary>Comes back once somebody waits for a lock in that database; the server has others.</summary>
    public static Task UntilSomebodyWaits(string database) => Until(database, """
        select exists (select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database())
        """);
}
