using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.InProcess;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>A host with an engine, for tests. One silo, however many were asked for: there is one process.</summary>
public class TestCluster : IAsyncDisposable
{
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(30);

    private readonly IHost _host;

    internal TestCluster(IHost host) => _host = host;

    /// <summary>The way in for code outside grains.</summary>
    public IClusterClient Client => ServiceProvider.GetRequiredService<IClusterClient>();

    /// <summary>Gives references to grains.</summary>
    public IGrainFactory GrainFactory => Client;

    /// <summary>The services of the client, here the silo's.</summary>
    public IServiceProvider ServiceProvider => _host.Services;

    /// <summary>The services of the silo.</summary>
    public IServiceProvider GetSiloServiceProvider() => _host.Services;

    /// <summary>Starts the host.</summary>
    public Task DeployAsync() => _host.StartAsync();

    /// <summary>Stops the host as SIGTERM would: running calls finish, grains deactivate.</summary>
    public async Task StopAllSilosAsync()
    {
        using var limit = new CancellationTokenSource(s_stopLimit);
        await _host.StopAsync(limit.Token);
    }

    /// <summary>Ends the activation of a grain, if it has one, and waits for its end.</summary>
    public Task DeactivateAsync(IAddressable grain) => DeactivateAsync(grain.GetGrainId());

    /// <summary>Ends the activation of a grain, if it has one, and waits for its end.</summary>
    public async Task DeactivateAsync(GrainId grainId)
    {
        if (Find(grainId) is { } activation)
        {
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "A test asked for it."));
            await activation.Deactivated;
        }
    }

    /// <summary>Waits for the end of the activation that a grain has now, if it has one.</summary>
    public Task WaitForDeactivationAsync(IAddressable grain) => WaitForDeactivationAsync(grain.GetGrainId());

    /// <summary>Waits for the end of the activation that a grain has now, if it has one.</summary>
    public Task WaitForDeactivationAsync(GrainId grainId) => Find(grainId)?.Deactivated ?? Task.CompletedTask;

    /// <summary>Stops the host, if it runs, and lets go of everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAllSilosAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private Activation? Find(GrainId id) => _host.Services.GetRequiredService<Engine>().Directory.Find(id) as Activation;
}
