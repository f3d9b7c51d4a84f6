using Microsoft.Extensions.Hosting;
using OrleansConcert.Storage;

namespace OrleansConcert.Silo;

/// <summary>Ends the process when another server has taken its store over: it is of no more use, and whoever runs it has to know.</summary>
internal sealed class StoreLoss(IStore store, IHostApplicationLifetime lifetime) : IHostedService
{
    /// <summary>The process's exit code then.</summary>
    private const int ExitCode = 3;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = EndWhenLost();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task EndWhenLost()
    {
        await store.Lost;
        Environment.ExitCode = ExitCode;
        lifetime.StopApplication();
    }
}
