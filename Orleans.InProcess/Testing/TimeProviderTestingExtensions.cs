using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>Lets a test set the clock of grains and leave the engine's own alone.</summary>
public static class TimeProviderTestingExtensions
{
    /// <summary>
    /// Gives every area of the engine <paramref name="timeProvider"/>, except grain timers: those keep the host's unkeyed
    /// provider. An area registered by its own key keeps that.
    /// </summary>
    public static IServiceCollection UseTimeProviderForBackgroundAreas(this IServiceCollection services, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        services.AddKeyedSingleton(KeyedService.AnyKey, timeProvider);
        services.AddKeyedSingleton(TimeProviderNames.Grains, static (provider, _) => provider.GetRequiredService<TimeProvider>());
        return services;
    }
}
