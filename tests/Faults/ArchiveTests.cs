using Npgsql;
using OrleansConcert.Faults.Linearizability;
using OrleansConcert.Postgres;

namespace OrleansConcert.Faults;

/// <summary>Old rows of the journal are put elsewhere, while people buy.</summary>
public sealed class ArchiveTests
{
    private const int Buyers = 10;

    /// <summary>The tables' owner, and its word.</summary>
    private const string Owner = "tables_owner";

    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "deploy", "archive.sql");

    [PostgresFact]
    public async Task Old_rows_of_the_journal_can_be_put_elsewhere_under_load_and_nothing_misses_them()
    {
        var seed = Rounds.Seed();
        var random = new Random(seed);
        var (findings, histories, sale) = (new Findings(), new SeatHistories(), new Sale());
        await using var postgres = (await ThrowawayPostgres.StartAsync())!;
        var database = await postgres.NewDatabaseAsync("concert");
        await using (var super = await Sql.Open(database))
        {
            await super.Run($"create role {Owner} login password '{Owner}'; alter database concert owner to {Owner}");
            await super.Run("set allow_in_place_tablespaces = on");
            await super.Run($"create tablespace cold owner {Owner} location ''");
        }

        var asOwner = new NpgsqlConnectionStringBuilder(database) { Username = Owner, Password = Owner }.ConnectionString;
        using var folder = new TemporaryFolder();
        List<Buyer> buyers;
        List<Place> order;
        await using (var server = await Server.StartOn(asOwner, folder))
        {
            using var client = new Client(server.Address);
            await sale.Open(client);
            await sale.AddSchedules(client, 1);
            buyers = await Buyer.SignIn(Buyers, client, sale, histories, findings, random);
            for (var archived = 0; archived < 3; archived++)
            {
                await Buyer.ShopWhile(buyers, client, async () =>
                {
                    await sale.MoreAcknowledged(200);
                    await postgres.RunScriptAsync("concert", Owner, Script, "-v older_than='0 seconds' -v tablespace=cold");
                    await sale.MoreAcknowledged(100);
                });
            }

            order = await new Inspection(client, sale, buyers, findings, random) { IsSameServer = true }.Inspect([]);
        }

        await using var again = await Server.StartOn(asOwner, folder);
        using var auditor = new Client(again.Address);
        await new Inspection(auditor, sale, buyers, findings, random).Inspect(order);
        Assert.False(findings.Any, $"SEED={seed}: {findings}");
        Assert.InRange(await Count(database, "concert.journal_archive"), 600, long.MaxValue);
        Assert.InRange(await Count(database, "only concert.journal"), 1, await Count(database, "concert.journal_archive"));
        Assert.Equal(buyers.Sum(buyer => buyer.Payments.Count), await Count(database, "concert.payments"));
        Assert.Equal(1, await Count(database, $"pg_tables where tablespace = 'cold' and tableowner = '{Owner}'"));
        Assert.Equal(2, await Count(database, "pg_indexes where tablespace = 'cold'"));
    }

    private static async Task<long> Count(string database, string from) =>
        (long)(await Sql.Ask(database, $"select count(*) from {from}"))!;
}
