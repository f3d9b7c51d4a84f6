using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansConcert.Engine.Tests.InProcess;

/// <summary>After a stop no reference is given any more.</summary>
public sealed class Stopped
{
    [Fact]
    public async Task A_client_of_a_stopped_host_gives_no_reference()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new Greeting(""));
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Signals.Limit);
        var client = host.Services.GetRequiredService<IClusterClient>();
        await client.GetGrain<IStopGrain>("given").Touch();
        await host.StopAsync().WaitAsync(Signals.Limit);
        Assert.Throws<ObjectDisposedException>(() => client.GetGrain<IStopGrain>("given"));
    }
}
