using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using Orleans.Reminders;
using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Silo;

/// <summary>Microsoft Orleans: as a cluster of one whose membership is in memory, as a cluster's silo, or as a cluster's client.</summary>
internal static class EngineHosting
{
    private const int FirstPort = 11_000;
    private const int PortCount = 9_000;

    /// <summary>Names our grains to the membership and the reminders, whatever the cluster is called.</summary>
    private const string ServiceId = "orleans-concert";

    private const string Invariant = "Npgsql";

    /// <summary>Silos learn within it that another one is gone, and end the calls to it.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The edge answers sooner, come what may. What it gave up waiting for goes on, and the same key finds it; but a call to a silo that
    /// was lost is never answered, and holds its key so long.
    /// </summary>
    private static readonly TimeSpan ClientResponseTimeout = TimeSpan.FromSeconds(3);

    /// <summary>A silo that answers none of three in a row is gone: its grains are elsewhere some seconds after its end.</summary>
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(1);

    /// <summary>So often a silo reads what gossip did not bring, and says that it is alive.</summary>
    private static readonly TimeSpan TableEvery = TimeSpan.FromSeconds(5);

    /// <summary>A client finds silos that came, and leaves those that went.</summary>
    private static readonly TimeSpan GatewaysEvery = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the engine can do what is wanted of it.</summary>
    /// <exception cref="StartException">A cluster without a database is.</exception>
    public static void Check(SiloSettings settings)
    {
        if (settings is { Cluster: not null, Kind: not StorageKind.Postgres })
        {
            throw new StartException("A cluster keeps its state in PostgreSQL: Concert:Storage:Kind must be Postgres.");
        }
    }

    public static void UseEngine(this IHostApplicationBuilder builder, SiloSettings settings)
    {
        builder.Services.AddSingleton<ICluster, Cluster>();
        builder.UseOrleans(silo =>
        {
            GiveTimes(silo.Services);
            silo.KeepStateInJournal();
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
            if (settings.Cluster is { } cluster)
            {
                Join(silo, cluster, DatabaseOf(settings));
            }
            else
            {
                var siloPort = FreePort(FirstPort);
                silo.UseLocalhostClustering(siloPort, FreePort(siloPort + 1)).KeepRemindersInJournal();
            }
        });
    }

    public static void UseClient(this IHostApplicationBuilder builder, SiloSettings settings)
    {
        builder.Services.AddSingleton<ICluster, Cluster>();
        builder.UseOrleansClient(client =>
        {
            var (tries, started) = (settings.Time, settings.Time.GetTimestamp());
            client.Services.AddKeyedSingleton(KeyedService.AnyKey, (_, _) => TimeProvider.System);
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.Cluster!.Id, ServiceId));
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = ClientResponseTimeout);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = GatewaysEvery);
            client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, DatabaseOf(settings)));
            client.UseConnectionRetryFilter(async (_, stop) =>
            {
                await Task.Delay(RetryAfter, tries, stop);
                return tries.GetElapsedTime(started) < SiloHosting.ClientPatience;
            });
        });
    }

    private static void Join(ISiloBuilder silo, ClusterSettings cluster, string database)
    {
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.Id, ServiceId));
        silo.Configure<SiloOptions>(options => options.SiloName = cluster.Name);
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = ProbeEvery;

            // Silos that start after all were lost would ask each other's dead predecessors about each other, and never join.
            options.EnableIndirectProbes = false;
            options.TableRefreshTimeout = TableEvery;
            options.IAmAliveTablePublishTimeout = TableEvery;
        });
        silo.ConfigureEndpoints(
            cluster.Address, cluster.SiloPort, cluster.GatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(cluster.Address));
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, database));
        silo.UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = (Invariant, database));
    }

    /// <summary>The tables of the engine are in the schema of ours, and it does not name it.</summary>
    private static string DatabaseOf(SiloSettings settings) =>
        new NpgsqlConnectionStringBuilder(settings.ConnectionString) { SearchPath = "concert" }.ConnectionString;

    /// <summary>Grains and reminders go by the time they are given; the silo's own upkeep by the system's, whatever that time is.</summary>
    private static void GiveTimes(IServiceCollection services)
    {
        services.AddKeyedSingleton(KeyedService.AnyKey, (_, _) => TimeProvider.System);
        services.AddKeyedSingleton(TimeProviderNames.Grains, Given);
        services.AddKeyedSingleton(ReminderTimeProviderNames.Reminders, Given);
    }

    private static TimeProvider Given(IServiceProvider services, object? area) => services.GetRequiredService<TimeProvider>();

    /// <summary>A free port of this machine, looked for from a place of this process's own: several may start at once.</summary>
    private static int FreePort(int from)
    {
        for (var port = from + (from == FirstPort ? Environment.ProcessId % PortCount : 0); port < FirstPort + (2 * PortCount); port++)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new StartException($"No port from {from} on is free for the silo.");
    }
}
