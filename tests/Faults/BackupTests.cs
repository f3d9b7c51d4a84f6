using OrleansConcert.Postgres;

namespace OrleansConcert.Faults;

/// <summary>What a backup of the database, taken while people buy, is worth.</summary>
public sealed class BackupTests
{
    private const int Buyers = 10;

    [PostgresTheory]
    [InlineData("pg_dump")]
    [InlineData("pg_basebackup")]
    public async Task A_backup_that_was_taken_under_load_is_whole(string by)
    {
        var random = new Random(Rounds.Seed());
        var (findings, histories, sale) = (new Findings(), new Linearizability.SeatHistories(), new Sale());
        await using var postgres = (await ThrowawayPostgres.StartAsync())!;
        var database = await postgres.NewDatabaseAsync("concert");
        using var folder = new TemporaryFolder();
        await using var server = await Server.StartOn(database, folder);
        using var client = new Client(server.Address);
        await sale.Open(client);
        await sale.AddSchedules(client, 1);
        var buyers = await Buyer.SignIn(Buyers, client, sale, histories, findings, random);
        ThrowawayPostgres? restored = null;
        await Buyer.ShopWhile(buyers, client, async () =>
        {
            await sale.MoreAcknowledged(200);
            restored = await postgres.BackUpAsync(by, "concert");
            await sale.MoreAcknowledged(50);
        });

        await using var copy = restored!;
        using var elsewhere = new TemporaryFolder();
        await using var again = await Server.StartOn(copy.ConnectionTo("concert"), elsewhere);
        using var auditor = new Client(again.Address);
        var invariants = await auditor.Ask(new(HttpMethod.Get, "/v1/admin/audit/invariants")
        {
            Access = await auditor.SignIn("operator", admin: true),
        });
        Assert.True(invariants.GetProperty("ok").GetBoolean(), $"{invariants}");
        Assert.NotEqual(0, invariants.GetProperty("totals").GetProperty("charged").GetInt64());
        Assert.False(findings.Any, $"{findings}");
    }
}
