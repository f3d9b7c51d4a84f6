using OrleansConcert.Postgres;
using OrleansConcert.Silo;
using OrleansConcert.Storage.Postgres;

namespace OrleansConcert.Grains.Tests;

/// <summary>A host that is a cluster's client starts with its silos and its database, and waits for them.</summary>
public sealed class ClientTests
{
    private readonly ManualTime _time = new();

    private TimeSpan Passed => _time.GetUtcNow() - ManualTime.Noon;

    [Fact]
    public async Task A_database_that_is_out_of_reach_is_tried_as_long_as_there_is_patience_and_then_told_of()
    {
        var looking = Look("Host=127.0.0.1;Port=1;Database=none");
        await Pass(looking);
        var refused = await Assert.ThrowsAsync<StartException>(() => looking);
        Assert.Contains("127.0.0.1:1", refused.Message, StringComparison.Ordinal);
        Assert.InRange(Passed, SiloHosting.ClientPatience, SiloHosting.ClientPatience + Given.Seconds(1));
    }

    [PostgresFact]
    public async Task A_schema_that_is_not_there_yet_is_waited_for_and_so_is_the_key_that_the_first_silo_makes()
    {
        await using var server = (await ThrowawayPostgres.StartAsync())!;
        var database = await server.NewDatabaseAsync("concert");
        var looking = Look(database);
        await UntilItWaits(looking);
        await PostgresJournal.Migrate(database);
        _time.Advance(Given.Seconds(1));
        await UntilItWaits(looking);
        await using var silo = await PostgresJournal.Open(
            new() { ConnectionString = database, Owner = "cluster concert", Cluster = "concert" });
        await SigningKeys.Open(silo, [], _time);
        _time.Advance(Given.Seconds(1));
        await looking;
    }

    [PostgresFact]
    public async Task A_schema_that_is_newer_than_the_programme_is_not_waited_for()
    {
        await using var server = (await ThrowawayPostgres.StartAsync())!;
        var database = await server.NewDatabaseAsync("concert");
        await PostgresJournal.Migrate(database);
        await Sql.Run(database, "insert into concert.migrations values (99, 'later', now())");
        var looking = Look(database);
        await Pass(looking);
        var refused = await Assert.ThrowsAsync<StartException>(() => looking);
        Assert.Contains("newer", refused.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, Passed);
    }

    private Task<(KeyRing Keys, DateTimeOffset LastInstant)> Look(string database) =>
        SiloHosting.Look(new() { ConnectionString = database, Cluster = new(), Time = _time });

    private Task UntilItWaits(Task looking) => World.Until(() => looking.IsCompleted || _time.IsAwaited);

    /// <summary>Lets as much time pass as it waits for.</summary>
    private Task Pass(Task looking) => World.Until(() =>
    {
        if (_time.IsAwaited)
        {
            _time.Advance(Given.Seconds(0.5));
        }

        return looking.IsCompleted;
    });
}
