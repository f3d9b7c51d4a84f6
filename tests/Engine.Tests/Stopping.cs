using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansConcert.Engine.Tests;

/// <summary>Point 12: a stop waits for what runs, ends every activation, and then nobody gets in.</summary>
public sealed class Stopping
{
    [Fact]
    public async Task A_stop_waits_for_calls_in_flight_and_ends_every_activation()
    {
        using var host = NewHost(11311);
        await host.StartAsync().WaitAsync(Signals.Limit);
        var client = host.Services.GetRequiredService<IClusterClient>();
        await client.GetGrain<IStopGrain>("stopping idle").Touch();
        var held = client.GetGrain<IStopGrain>("stopping").Hold("stopping gate");
        await Signals.Hear("stopping gate");
        var stop = host.StopAsync();
        Assert.False(held.IsCompleted);
        Signals.Open("stopping gate");
        Assert.Equal("done", await held.WaitAsync(Signals.Limit));
        await stop.WaitAsync(Signals.Limit);
        Assert.Equal("ShuttingDown", await Signals.Hear("stopping"));
        Assert.Equal("ShuttingDown", await Signals.Hear("stopping idle"));
    }

    [Fact]
    public async Task After_a_stop_an_old_reference_finds_nobody()
    {
        using var host = NewHost(11411);
        await host.StartAsync().WaitAsync(Signals.Limit);
        var grain = host.Services.GetRequiredService<IClusterClient>().GetGrain<IStopGrain>("stopped");
        await grain.Touch();
        await host.StopAsync().WaitAsync(Signals.Limit);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Touch().WaitAsync(Signals.Limit));
    }

    private static IHost NewHost(int port)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new Greeting(""));
        builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort: port, gatewayPort: port + 1));
        return builder.Build();
    }
}

public interface IStopGrain : IGrainWithStringKey
{
    Task<string> Hold(string gate);

    Task Touch();
}

public sealed class StopGrain : Grain, IStopGrain
{
    public async Task<string> Hold(string gate)
    {
        Signals.Say(gate, "held");
        await Signals.Gate(gate);
        return "done";
    }

    public Task Touch() => Task.CompletedTask;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Say(this.GetPrimaryKeyString(), $"{reason.ReasonCode}");
        return Task.CompletedTask;
    }
}
