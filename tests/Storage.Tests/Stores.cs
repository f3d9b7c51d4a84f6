using OrleansConcert.Postgres;
using OrleansConcert.Storage.Postgres;

namespace OrleansConcert.Storage.Tests;

/// <summary>What must be true of every store is tested of each: a store of the test's own, opened as often as it likes.</summary>
public static class Stores
{
    private const string Files = "files";
    private const string Postgres = "PostgreSQL";

    private static readonly Lazy<Task<ThrowawayPostgres?>> s_server = new(() => ThrowawayPostgres.StartAsync());
    private static int s_databases;

    /// <summary>PostgreSQL too, where there is one: <see cref="StoresTests"/> says where there is none.</summary>
    public static TheoryData<string> All => ThrowawayPostgres.WhyNot is null ? [Files, Postgres] : [Files];

    /// <summary>All of them, before and after a restart.</summary>
    public static TheoryData<string, bool> Restarted => ThrowawayPostgres.WhyNot is null
        ? new() { { Files, false }, { Files, true }, { Postgres, false }, { Postgres, true } }
        : new() { { Files, false }, { Files, true } };

    internal static async Task<TestedStore> Of(string store) => store == Files
        ? new(new TemporaryFolder(), null)
        : new(null, await NewDatabase());

    /// <summary>A new database on the server that the tests of this process share.</summary>
    public static async Task<string> NewDatabase() =>
        await (await s_server.Value)!.NewDatabaseAsync($"store{Interlocked.Increment(ref s_databases)}");

    /// <summary>As a silo of a cluster has it.</summary>
    internal static PostgresOptions Shared(string database, string owner = "cluster of the test") =>
        On(database, owner) with { Cluster = owner["cluster ".Length..] };

    internal static PostgresOptions On(string database, string owner = "the test") => new() { ConnectionString = database, Owner = owner };
}

/// <summary>One place to keep a journal in.</summary>
internal sealed class TestedStore(TemporaryFolder? folder, string? database) : IDisposable
{
    public async Task<IStore> Open() => database is null
        ? await FileJournal.Open(folder!.Store)
        : await PostgresJournal.Open(Stores.On(database));

    public void Dispose() => folder?.Dispose();
}

public sealed class StoresTests
{
    [PostgresFact]
    public void What_is_true_of_every_store_is_tested_of_PostgreSQL_too() => Assert.Equal(2, Stores.All.Count);
}
