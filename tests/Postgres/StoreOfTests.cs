using System.Collections.Concurrent;

namespace OrleansConcert.Postgres;

/// <summary>
/// Where the servers of tests keep their state: in memory or in a folder, as each test has it; or, with <c>STORE=Postgres</c>, all of them
/// in databases of one throwaway PostgreSQL.
/// </summary>
public static class StoreOfTests
{
    /// <summary>Whether the servers of tests keep their state in PostgreSQL.</summary>
    public static bool IsPostgres { get; } = Environment.GetEnvironmentVariable("STORE") == "Postgres";

    private static readonly Lazy<Task<ThrowawayPostgres?>> s_server = new(() => ThrowawayPostgres.StartAsync());
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> s_databases = new(StringComparer.Ordinal);
    private static int s_made;

    /// <summary>The settings of a server whose state lives as long as itself.</summary>
    public static async Task<string[]> InMemory() => IsPostgres ? On(await NewDatabase()) : ["--Concert:Storage:Kind=Memory"];

    /// <summary>The settings of a server whose state stays for the next one that is given the same folder.</summary>
    public static async Task<string[]> In(string folder) => IsPostgres
        ? On((await DatabaseFor(folder))!)
        : ["--Concert:Storage:Kind=Embedded", $"--Concert:Storage:Path={folder}"];

    /// <summary>The database of that folder, where the state is in PostgreSQL; else null.</summary>
    public static async Task<string?> DatabaseFor(string folder) =>
        IsPostgres ? await s_databases.GetOrAdd(folder, _ => new(NewDatabase)).Value : null;

    /// <summary>That database is the one of that folder: it is on a server of the test's own.</summary>
    public static void Put(string folder, string database) => s_databases[folder] = new(() => Task.FromResult(database));

    private static string[] On(string database) => ["--Concert:Storage:Kind=Postgres", $"--ConnectionStrings:Concert={database}"];

    private static async Task<string> NewDatabase()
    {
        var server = await s_server.Value ?? throw new InvalidOperationException(ThrowawayPostgres.WhyNot);
        return await server.NewDatabaseAsync($"server{Interlocked.Increment(ref s_made)}");
    }
}
