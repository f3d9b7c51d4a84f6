using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansConcert.Grains;

namespace OrleansConcert.Silo;

/// <summary>The one-process engine.</summary>
internal static class EngineHosting
{
    public static void UseEngine(this IHostApplicationBuilder builder) => builder.UseOrleans(silo =>
    {
        // What only measures spans counts without the clock in between.
        silo.Services.AddKeyedSingleton(TimeProviderNames.ActivationManagement, Counter);
        silo.Services.AddKeyedSingleton(TimeProviderNames.Messaging, Counter);
        silo.StandOnJournal();
    });

    private static TimeProvider Counter(IServiceProvider services, object? area) => services.GetRequiredService<Clock>().Counter;
}
