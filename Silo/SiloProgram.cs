using Microsoft.Extensions.Configuration;
using OrleansConcert.Storage;
using OrleansConcert.Storage.Postgres;

namespace OrleansConcert.Silo;

/// <summary>What an operator asks of the store without a server: <c>migrate</c>.</summary>
internal static class SiloProgram
{
    private const string Usage = "Usage: dotnet run --project Silo -- migrate    (the database is ConnectionStrings:Concert)";

    public static async Task<int> Main(string[] words)
    {
        if (words is not ["migrate", ..])
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        var settings = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(words[1..]).Build();
        if (settings["ConnectionStrings:Concert"] is not { Length: > 0 } database)
        {
            await Console.Error.WriteLineAsync(
                "ConnectionStrings:Concert is not set; it must be a database such as Host=db;Database=concert;Username=owner;Password=...");
            return 2;
        }

        try
        {
            var applied = await PostgresJournal.Migrate(database);
            Console.WriteLine(applied.Count == 0 ? "The schema is up to date." : $"Applied: {string.Join(", ", applied)}.");
            return 0;
        }
        catch (StoreException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
