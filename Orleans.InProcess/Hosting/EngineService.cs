using Microsoft.Extensions.Hosting;
using Orleans.InProcess;

namespace Orleans.Hosting;

/// <summary>Starts and stops the engine with its host.</summary>
internal sealed class EngineService(Engine engine) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        engine.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => engine.Stop(cancellationToken);
}
