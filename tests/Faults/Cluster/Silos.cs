using OrleansConcert.Postgres;

namespace OrleansConcert.Faults.Cluster;

/// <summary>A cluster as an operator runs it: silos and API hosts, each a process of its own, on one PostgreSQL.</summary>
internal sealed class Silos : IAsyncDisposable
{
    private readonly ThrowawayPostgres _postgres;
    private readonly TemporaryFolder _folder = new();
    private readonly List<Server> _ended = [];
    private int _started;

    private Silos(ThrowawayPostgres postgres, string database) => (_postgres, Database) = (postgres, database);

    public string Database { get; }

    public List<Server> All { get; } = [];

    public List<Server> Hosts { get; } = [];

    public static async Task<Silos> Start(int silos, int hosts)
    {
        var postgres = (await ThrowawayPostgres.StartAsync())!;
        var cluster = new Silos(postgres, await postgres.NewDatabaseAsync("concert"));
        try
        {
            cluster.All.AddRange(Enumerable.Range(0, silos).Select(_ => cluster.LaunchSilo()));
            await Task.WhenAll(cluster.All.Select(silo => silo.Ready()));
            cluster.Hosts.AddRange(Enumerable.Range(0, hosts).Select(_ => cluster.LaunchHost()));
            await Task.WhenAll(cluster.Hosts.Select(host => host.Ready()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another silo, on its way.</summary>
    public Server LaunchSilo() => Server.LaunchSilo(
        FreePorts.Next(),
        ("ConnectionStrings:Concert", Database),
        ("Concert:Cluster:Name", $"silo-{++_started}"),
        ("Concert:Cluster:SiloPort", $"{FreePorts.Next()}"),
        ("Concert:Cluster:GatewayPort", $"{FreePorts.Next()}"));

    /// <summary>Another host, on its way.</summary>
    public Server LaunchHost(params ReadOnlySpan<(string Name, string? Value)> settings) => Server.Launch(
        _folder.Store,
        FreePorts.Next(),
        [("ConnectionStrings:Concert", Database), ("Concert:Cluster:Mode", "Client"), .. settings]);

    /// <summary>Starts a silo in the place of one that has ended.</summary>
    public async Task Follow(Server ended)
    {
        _ended.Add(ended);
        var next = LaunchSilo();
        All[All.IndexOf(ended)] = next;
        await next.Ready();
    }

    /// <summary>What all of them said.</summary>
    public string Said() => string.Join(
        '\n', _ended.Concat(All).Concat(Hosts).Select(server => $"--- {server.Port}\n{server.Errors}\n{server.Output}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Hosts.Concat(All).Concat(_ended))
        {
            await server.DisposeAsync();
        }

        await _postgres.DisposeAsync();
        _folder.Dispose();
    }
}
