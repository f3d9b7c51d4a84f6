using OrleansConcert.Api.Access;

namespace OrleansConcert.Api.Hosting;

/// <summary>What a host that stops owes its queues, once it has answered its last call and before it leaves the engine.</summary>
internal sealed class HandingOver(Boards boards) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => boards.Leave().WaitAsync(cancellationToken);
}
