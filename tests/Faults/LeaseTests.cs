using OrleansConcert.Postgres;

namespace OrleansConcert.Faults;

/// <summary>Two servers and one database.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [PostgresFact]
    public async Task Of_two_servers_on_one_database_the_second_does_not_start_and_says_who_has_it()
    {
        await using var postgres = (await ThrowawayPostgres.StartAsync())!;
        var database = await postgres.NewDatabaseAsync("concert");
        using var folder = new TemporaryFolder();
        await using var first = Server.LaunchOn(database, folder);
        await first.Ready();
        await using var second = Server.LaunchOn(database, folder);
        Assert.Equal(1, await second.Exit(Patience));
        Assert.Contains($"process {first.ProcessId} on {Environment.MachineName}", second.Errors, StringComparison.Ordinal);
        Assert.True(await first.IsReady());
    }

    [PostgresFact]
    public async Task A_server_that_was_frozen_is_followed_and_once_it_goes_on_tells_nothing_writes_nothing_and_ends()
    {
        await using var postgres = (await ThrowawayPostgres.StartAsync())!;
        var database = await postgres.NewDatabaseAsync("concert");
        using var folder = new TemporaryFolder();
        await using var frozen = Server.LaunchOn(database, folder);
        await frozen.Ready();
        using var toFrozen = new Client(frozen.Address);
        var alice = await toFrozen.SignIn("alice");
        Assert.Equal(201, (await toFrozen.Charge(alice, "before"))!.Status);

        frozen.Freeze();
        await using var successor = Server.LaunchOn(database, folder);
        await successor.Ready();
        using var toSuccessor = new Client(successor.Address);
        Assert.Equal(201, (await toSuccessor.Charge(alice, "after"))!.Status);

        var late = toFrozen.Charge(alice, "late");
        frozen.GoOn();
        Assert.True(await late is null or { Status: 503 });
        Assert.True(await toFrozen.Send(new(HttpMethod.Get, "/v1/users/me/wallet") { Access = alice }) is null or { Status: 503 });
        Assert.Equal(3, await frozen.Exit(Patience));
        var wallet = await toSuccessor.Ask(new(HttpMethod.Get, "/v1/users/me/wallet") { Access = alice });
        Assert.Equal(2_000, wallet.GetProperty("balance").GetInt64());
    }
}
