using Npgsql;
using OrleansConcert.Faults.Linearizability;
using OrleansConcert.Postgres;

namespace OrleansConcert.Faults;

/// <summary>Old rows of the journal are put elsewhere, while people buy.</summary>
public sealed class ArchiveTests
{
    private const int Buyers = 10;

    [PostgresFact]
    public async Task Old_rows_of_the_journal_can_be_put_elsewhere_under_load_and_nothing_misses_them()
    {
        var seed = Rounds.Seed();
        var random = new Random(seed);
        var (findings, histories, sale) = (new Findings(), new SeatHistories(), new Sale());
        await using var postgres = (await ThrowawayPostgres.StartAsync())!;
        var database = await postgres.NewDatabaseAsync("concert");
        using var folder = new TemporaryFolder();
        var buyers = new List<Buyer>();
        List<Place> order;
        await using (var server = await Start(folder, database))
        {
            using var client = new Client(server.Address);
            await sale.Open(client);
            await sale.AddSchedules(client, 1);
            for (var number = 1; number <= Buyers; number++)
            {
                var userId = $"user-{number}";
                buyers.Add(new(userId, await client.SignIn(userId), sale, histories, findings, new Random(random.Next())));
            }

            for (var archived = 0; archived < 3; archived++)
            {
                using var stop = new CancellationTokenSource();
                var shopping = Task.WhenAll(buyers.Select(buyer => buyer.Shop(client, stop.Token)));
                await sale.MoreAcknowledged(200);
                await postgres.RunScriptAsync("concert", Script, "-v older_than='0 seconds'");
                await sale.MoreAcknowledged(100);
                await stop.CancelAsync();
                await shopping;
            }

            order = await new Inspection(client, sale, buyers, findings, random) { IsSameServer = true }.Inspect([]);
        }

        await using var again = await Start(folder, database);
        using var auditor = new Client(again.Address);
        await new Inspection(auditor, sale, buyers, findings, random).Inspect(order);
        Assert.False(findings.Any, $"SEED={seed}: {findings}");
        Assert.InRange(await Count(database, "concert.journal_archive"), 600, long.MaxValue);
        Assert.InRange(await Count(database, "only concert.journal"), 1, await Count(database, "concert.journal_archive"));
        Assert.Equal(buyers.Sum(buyer => buyer.Payments.Count), await Count(database, "concert.payments"));
    }

    private static string Script
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "OrleansConcert.sln")))
            {
                folder = folder.Parent!;
            }

            return Path.Combine(folder.FullName, "deploy", "postgres", "archive.sql");
        }
    }

    private static async Task<Server> Start(TemporaryFolder folder, string database)
    {
        var server = Server.Launch(
            folder.Store, Server.FreePort(), ("Concert:Storage:Kind", "Postgres"), ("ConnectionStrings:Concert", database));
        await server.Ready();
        return server;
    }

    private static async Task<long> Count(string database, string table)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"select count(*) from {table}", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
