using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using Orleans.Hosting;
using Orleans.InProcess;

namespace Microsoft.Extensions.Hosting;

/// <summary>Puts the engine into a host.</summary>
public static class OrleansSiloGenericHostExtensions
{
    /// <summary>Adds the engine. It starts before the hosted services added after it and stops after them.</summary>
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder) =>
        hostAppBuilder.UseOrleans(static _ => { });

    /// <summary>Adds the engine. It starts before the hosted services added after it and stops after them.</summary>
    public static IHostApplicationBuilder UseOrleans(this IHostApplicationBuilder hostAppBuilder, Action<ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        configureDelegate(Add(hostAppBuilder.Services, hostAppBuilder.Configuration));
        return hostAppBuilder;
    }

    /// <summary>Adds the engine. It starts before the hosted services added after it and stops after them.</summary>
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<ISiloBuilder> configureDelegate) =>
        hostBuilder.UseOrleans((_, silo) => configureDelegate(silo));

    /// <summary>Adds the engine. It starts before the hosted services added after it and stops after them.</summary>
    public static IHostBuilder UseOrleans(this IHostBuilder hostBuilder, Action<HostBuilderContext, ISiloBuilder> configureDelegate)
    {
        ArgumentNullException.ThrowIfNull(configureDelegate);
        return hostBuilder.ConfigureServices((context, services) => configureDelegate(context, Add(services, context.Configuration)));
    }

    /// <summary>Adds the engine to services, once however often it is asked for.</summary>
    internal static ISiloBuilder Add(IServiceCollection services, IConfiguration configuration)
    {
        if (services.All(service => service.ServiceType != typeof(Engine)))
        {
            services.AddOptions();
            services.AddLogging();
            services.TryAddSingleton(TimeProvider.System);
            services.TryAddSingleton<IEngineScheduler, ThreadPoolScheduler>();
            services.AddSingleton<GrainCatalog>();
            services.AddSingleton<Engine>();
            services.AddSingleton<IClusterClient>(static provider => provider.GetRequiredService<Engine>());
            services.AddSingleton<IGrainFactory>(static provider => provider.GetRequiredService<Engine>());
            services.AddSingleton(static provider => new EngineFigures(provider.GetRequiredService<Engine>()));
            services.AddHostedService<EngineService>();
        }

        return new SiloBuilder(services, configuration);
    }

    private sealed class SiloBuilder(IServiceCollection services, IConfiguration configuration) : ISiloBuilder
    {
        public IServiceCollection Services => services;

        public IConfiguration Configuration => configuration;
    }
}
