using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansConcert.Grains;
using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Silo;

/// <summary>The one-process engine.</summary>
internal static class EngineHosting
{
    /// <summary>Whether the engine can do what is wanted of it.</summary>
    /// <exception cref="StartException">A cluster is.</exception>
    public static void Check(SiloSettings settings)
    {
        if (settings.Cluster is not null)
        {
            throw new StartException("Engine=InProcess has no clusters: they need a build with Engine=Orleans.");
        }
    }

    public static void UseEngine(this IHostApplicationBuilder builder, SiloSettings settings)
    {
        builder.Services.AddSingleton<ICluster, Cluster>();
        builder.UseOrleans(silo =>
        {
            // What only measures spans counts without the clock in between.
            silo.Services.AddKeyedSingleton(TimeProviderNames.ActivationManagement, Counter);
            silo.Services.AddKeyedSingleton(TimeProviderNames.Messaging, Counter);
            silo.KeepStateInJournal().KeepRemindersInJournal();
        });
    }

    public static void UseClient(this IHostApplicationBuilder builder, SiloSettings settings) => Check(settings);

    private static TimeProvider Counter(IServiceProvider services, object? area) => services.GetRequiredService<Clock>().Counter;
}
