using System.Diagnostics;
using OrleansConcert.Postgres;

namespace OrleansConcert.Faults;

/// <summary>A disk that is full, or read-only, under a server that runs or starts.</summary>
public sealed class DiskTests
{
    private const int Users = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>How soon a server is well again by itself once its disk is.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [DiskFact]
    public async Task A_full_disk_is_told_loses_nothing_and_is_recovered_from_without_an_operator()
    {
        using var disk = new LoopDisk();
        await using var server = Server.Launch(disk.Store, FreePorts.Next());
        await server.Ready();
        using var client = new Client(server.Address);
        var (charges, visit) = await Load(client);

        disk.Fill();
        await UntilRefused(charges, client);
        await WritesAreRefused(visit, charges, client, server);
        await ReadsWork(visit, charges, client);

        // Nobody writes: it finds out by itself.
        disk.Free();
        await Until(Soon, async () => await server.IsReady() == true, "it is not ready again");
        Assert.Empty(await charges.Again(client));
        Assert.Empty(charges.Open);
        Assert.Null(await charges.Wrong(client));
        await visit.DoAll(client);
        Assert.Empty(await charges.Round(client));
        server.Terminate();
        Assert.Equal(0, await server.Exit(Patience));

        await Comes(disk.Store, charges, visit);
    }

    [DiskFact]
    public async Task A_server_killed_on_a_full_disk_starts_there_and_loses_nothing()
    {
        using var disk = new LoopDisk();
        var charges = new Charges();
        await using (var server = Server.Launch(disk.Store, FreePorts.Next()))
        {
            await server.Ready();
            using var client = new Client(server.Address);
            await charges.SignIn(client, Users);
            await charges.Round(client);
            disk.Fill();
            await UntilRefused(charges, client);
            await server.Kill();
        }

        // Full as it is, it starts, shows all there is, and takes writes once there is room.
        await using var again = Server.Launch(disk.Store, FreePorts.Next());
        using var second = new Client(again.Address);
        await Until(Patience, async () => again.HasExited || await again.IsReady() is not null, "it does not answer");
        Assert.False(again.HasExited, $"{again.Errors}\n{again.Output}");
        Assert.Null(await charges.Wrong(second));
        disk.Free();
        await Until(Soon, async () => await again.IsReady() == true, "it is not ready again");
        await Until(Soon, async () => (await charges.Again(second)).Count == 0, "charges are still refused");
        Assert.Null(await charges.Wrong(second));
    }

    [DiskFact]
    public async Task A_disk_that_turns_read_only_under_the_server_is_told_and_loses_nothing()
    {
        using var disk = new LoopDisk();
        Charges charges;
        Visit visit;
        await using (var server = Server.Launch(disk.Store, FreePorts.Next()))
        {
            await server.Ready();
            using var client = new Client(server.Address);
            (charges, visit) = await Load(client);
            disk.TurnReadOnly();
            await UntilRefused(charges, client);
            await WritesAreRefused(visit, charges, client, server);
            await ReadsWork(visit, charges, client);
            server.Terminate();
            Assert.NotNull(await server.Exit(Patience));
        }

        disk.Repair();
        await Comes(disk.Store, charges, visit);
    }

    [DiskFact]
    public async Task A_read_only_disk_stops_the_start_with_what_is_needed()
    {
        using var disk = new LoopDisk();
        await using (var server = Server.Launch(disk.Store, FreePorts.Next()))
        {
            await server.Ready();
            server.Terminate();
            Assert.Equal(0, await server.Exit(Patience));
        }

        disk.MakeReadOnly();
        await using var kept = Server.Launch(disk.Store, FreePorts.Next());
        await StartTests.Refused(kept, disk.Store, "read-only", "needs to write");
        var other = Path.Combine(disk.Folder, "other");
        await using var made = Server.Launch(other, FreePorts.Next());
        await StartTests.Refused(made, other, "read-only", "needs to write");
    }

    private static async Task<(Charges Charges, Visit Visit)> Load(Client client)
    {
        var visit = await Visit.Open(client);
        var charges = new Charges();
        await charges.SignIn(client, Users);
        for (var round = 0; round < 10; round++)
        {
            Assert.Empty(await charges.Round(client));
        }

        return (charges, visit);
    }

    /// <summary>What was set aside for the next frames is still written; then nothing is.</summary>
    private static Task UntilRefused(Charges charges, Client client) =>
        Until(Patience, async () => (await charges.Round(client)).Count == Users, "writes still succeed");

    private static async Task WritesAreRefused(Visit visit, Charges charges, Client client, Server server)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(2);)
        {
            var refused = (await charges.Round(client)).Concat(await visit.TryAll(client)).ToList();
            Assert.Equal(Users + visit.Writes, refused.Count);
            Assert.All(refused, reply => Assert.True(
                reply is { Status: 503, Code: "UNAVAILABLE", RetryAfter: > 0 }, $"{reply}, Retry-After {reply?.RetryAfter}"));
            Assert.False(await server.IsReady());
            await Task.Delay(100);
        }
    }

    private static async Task ReadsWork(Visit visit, Charges charges, Client client)
    {
        Assert.Null(await charges.Wrong(client));
        Assert.All(await visit.LookAtAll(client), reply => Assert.True(reply is { Status: 200 }, $"{reply}"));
    }

    /// <summary>Starts again on the same folder, and all is there.</summary>
    private static async Task Comes(string store, Charges charges, Visit visit)
    {
        await using var again = Server.Launch(store, FreePorts.Next());
        await again.Ready();
        using var client = new Client(again.Address);
        Assert.Null(await charges.Wrong(client));
        Assert.Empty(await charges.Again(client));
        Assert.Null(await charges.Wrong(client));
        await visit.DoAll(client);
        await Until(Soon, () => visit.AuditIsRight(client), "the audit finds something");
    }

    private static async Task Until(TimeSpan patience, Func<Task<bool>> isSo, string otherwise)
    {
        for (var waited = Stopwatch.StartNew(); !await isSo(); await Task.Delay(20))
        {
            Assert.True(waited.Elapsed < patience, otherwise);
        }
    }
}
