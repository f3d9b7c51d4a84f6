using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace Orleans.InProcess.Simulation;

/// <summary>
/// A host in a simulated world: the services a real host would have, its hosted services started in order on the process's
/// scheduler. (The generic host leaves the simulation's thread, so it cannot be used there.)
/// </summary>
public sealed class SimulatedHost
{
    private readonly ServiceProvider _services;
    private IHostedService[] _started = [];

    private SimulatedHost(SimulatedProcess process, ServiceProvider services)
    {
        Process = process;
        _services = services;
    }

    /// <summary>The process it is.</summary>
    public SimulatedProcess Process { get; }

    /// <summary>Its services.</summary>
    public IServiceProvider Services => _services;

    /// <summary>Gives references to its grains.</summary>
    public IGrainFactory GrainFactory => _services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts a host as a new process of the world. To be called within its <see cref="SeededScheduler.Run"/>.</summary>
    /// <param name="world">The world.</param>
    /// <param name="name">The process's name in the trace.</param>
    /// <param name="configure">Puts the silo together, as under <c>UseOrleans</c>.</param>
    public static async Task<SimulatedHost> StartAsync(SeededScheduler world, string name, Action<ISiloBuilder> configure)
    {
        var process = world.NewProcess(name);
        var services = new ServiceCollection();
        services.AddSingleton(process);
        services.AddSingleton<IEngineScheduler>(process);
        services.AddSingleton(process.Time);
        configure(OrleansSiloGenericHostExtensions.Add(services, new ConfigurationBuilder().Build()));
        var host = new SimulatedHost(process, services.BuildServiceProvider());
        await process.Start(host.Start);
        return host;
    }

    /// <summary>Stops it as SIGTERM would.</summary>
    public Task StopAsync() => Process.Start(async () =>
    {
        foreach (var service in _started.Reverse())
        {
            await service.StopAsync(CancellationToken.None);
        }

        await _services.DisposeAsync();
    });

    /// <summary>Ends it as a crash would: see <see cref="SimulatedProcess.Kill"/>. Nothing is disposed of.</summary>
    public void Kill()
    {
        _services.GetRequiredService<Engine>().Kill();
        Process.Kill();
    }

    private async Task Start()
    {
        _started = [.. _services.GetServices<IHostedService>()];
        foreach (var service in _started)
        {
            await service.StartAsync(CancellationToken.None);
        }
    }
}
