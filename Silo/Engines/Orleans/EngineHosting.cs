using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Reminders;

namespace OrleansConcert.Silo;

/// <summary>Microsoft Orleans as a cluster of one, its membership in memory.</summary>
internal static class EngineHosting
{
    public static void UseEngine(this IHostApplicationBuilder builder) => builder.UseOrleans(silo =>
    {
        // Grains and reminders go by the time they are given; the silo's own upkeep by the system's, whatever that time is.
        silo.Services.AddKeyedSingleton(KeyedService.AnyKey, (_, _) => TimeProvider.System);
        silo.Services.AddKeyedSingleton(TimeProviderNames.Grains, Given);
        silo.Services.AddKeyedSingleton(ReminderTimeProviderNames.Reminders, Given);
        silo.UseLocalhostClustering().StandOnJournal();
    });

    private static TimeProvider Given(IServiceProvider services, object? area) => services.GetRequiredService<TimeProvider>();
}
