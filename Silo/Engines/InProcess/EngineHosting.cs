using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansConcert.Grains;
using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Silo;

/// <summary>The one-process engine.</summary>
internal static class EngineHosting
{
    private const string NoClusters = "Engine=InProcess has no clusters: they need a build with Engine=Orleans.";

    public static void UseEngine(this IHostApplicationBuilder builder, SiloSettings settings)
    {
        RefuseCluster(settings);
        builder.Services.AddSingleton<ICluster, Cluster>();
        builder.UseOrleans(silo =>
        {
            // What only measures spans counts without the clock in between.
            silo.Services.AddKeyedSingleton(TimeProviderNames.ActivationManagement, Counter);
            silo.Services.AddKeyedSingleton(TimeProviderNames.Messaging, Counter);
            silo.KeepStateInJournal().KeepRemindersInJournal();
        });
    }

    /// <exception cref="StartException">Always: there is no cluster to be a client of.</exception>
    public static void UseClient(this IHostApplicationBuilder builder, SiloSettings settings) => RefuseCluster(settings);

    /// <exception cref="StartException">It is to be a part of a cluster.</exception>
    public static void RefuseCluster(SiloSettings settings)
    {
        if (settings.Cluster is not null)
        {
            throw new StartException(NoClusters);
        }
    }

    private static TimeProvider Counter(IServiceProvider services, object? area) => services.GetRequiredService<Clock>().Counter;
}
