using System.Globalization;
using Npgsql;

namespace OrleansConcert.Storage.Postgres;

/// <summary>
/// The tables: made by numbered migrations, each applied once, under a lock, in a transaction of its own. The server runs as a role that
/// may not do so, where somebody else did; then it only looks.
/// </summary>
internal static class PostgresSchema
{
    private const long MigrationLock = 0x4F43_4D49_4752;
    private const string Folder = "OrleansConcert.Storage.Postgres.Migrations.";

    private static readonly string[] MustBeOn = ["fsync", "full_page_writes", "synchronous_commit"];

    /// <summary>The version that this program works with.</summary>
    public static int Newest => All.Count;

    private static IReadOnlyList<string> All { get; } =
    [
        .. typeof(PostgresSchema).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    /// <summary>Brings the schema up to date.</summary>
    /// <returns>The numbers that were applied.</returns>
    /// <exception cref="StoreException">It is newer than this program.</exception>
    public static async Task<IReadOnlyList<int>> Migrate(NpgsqlConnection connection)
    {
        // Whoever migrates already is waited for, and a large table takes its time.
        await Run(connection, "set lock_timeout = '60s'; set statement_timeout = 0");
        await Run(connection, "select pg_advisory_lock($1)", MigrationLock);
        try
        {
            var there = await Version(connection);
            RefuseNewer(there);
            var missing = Enumerable.Range(there + 1, Newest - there).ToList();
            foreach (var number in missing)
            {
                await Apply(connection, number);
            }

            return missing;
        }
        finally
        {
            await Run(connection, "select pg_advisory_unlock($1)", MigrationLock);
        }
    }

    /// <summary>Refuses a database that is not what this program needs, or that may forget what it acknowledged.</summary>
    /// <exception cref="StoreException">In one line what is wrong and what to do.</exception>
    public static async Task Check(NpgsqlConnection connection, bool mayMigrate)
    {
        foreach (var setting in MustBeOn)
        {
            if (await Ask<string>(connection, "select current_setting($1)", setting) is var value && value != "on")
            {
                throw new StoreException($"PostgreSQL's {setting} is '{value}'; it must be 'on', or what is acknowledged may be lost.");
            }
        }

        var there = await Version(connection);
        if (there < Newest && mayMigrate && await Ask<bool>(connection, "select has_database_privilege(current_database(), 'CREATE')"))
        {
            await Migrate(connection);
            there = Newest;
        }

        RefuseNewer(there);
        if (there < Newest)
        {
            throw new StoreException(
                $"The schema is at version {there}, this program needs {Newest}: run 'dotnet run --project Silo -- migrate' as its owner.")
            {
                MayPass = true,
            };
        }
    }

    private static void RefuseNewer(int there)
    {
        if (there > Newest)
        {
            throw new StoreException($"The schema is at version {there}, newer than this program, which knows {Newest}.");
        }
    }

    private static async Task<int> Version(NpgsqlConnection connection) =>
        await Ask<bool>(connection, "select to_regclass('concert.migrations') is not null")
            ? await Ask<int>(connection, "select coalesce(max(number), 0) from concert.migrations")
            : 0;

    private static async Task Apply(NpgsqlConnection connection, int number)
    {
        var name = All[number - 1];
        using var text = new StreamReader(typeof(PostgresSchema).Assembly.GetManifestResourceStream(name)!);
        await using var transaction = await connection.BeginTransactionAsync();
        await Run(connection, """
            create schema if not exists concert;
            create table if not exists concert.migrations (number integer primary key, name text not null, applied_at timestamptz not null);
            """);
        await Run(connection, await text.ReadToEndAsync());
        await Run(connection, "insert into concert.migrations values ($1, $2, clock_timestamp())", number, name[Folder.Length..]);
        await transaction.CommitAsync();
    }

    private static async Task Run(NpgsqlConnection connection, string text, params object[] values)
    {
        await using var command = Command(connection, text, values);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<T> Ask<T>(NpgsqlConnection connection, string text, params object[] values)
    {
        await using var command = Command(connection, text, values);
        return (T)Convert.ChangeType((await command.ExecuteScalarAsync())!, typeof(T), CultureInfo.InvariantCulture);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, object[] values)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 60 };
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }
}
