using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Reminders;

namespace OrleansConcert.Silo;

/// <summary>Microsoft Orleans as a cluster of one, its membership in memory.</summary>
internal static class EngineHosting
{
    private const int FirstPort = 11_000;
    private const int PortCount = 9_000;

    public static void UseEngine(this IHostApplicationBuilder builder) => builder.UseOrleans(silo =>
    {
        // Grains and reminders go by the time they are given; the silo's own upkeep by the system's, whatever that time is.
        silo.Services.AddKeyedSingleton(KeyedService.AnyKey, (_, _) => TimeProvider.System);
        silo.Services.AddKeyedSingleton(TimeProviderNames.Grains, Given);
        silo.Services.AddKeyedSingleton(ReminderTimeProviderNames.Reminders, Given);
        var siloPort = FreePort(FirstPort);
        silo.UseLocalhostClustering(siloPort, FreePort(siloPort + 1)).StandOnJournal();
    });

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
