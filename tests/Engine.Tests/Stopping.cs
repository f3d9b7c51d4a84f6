using Orleans.TestingHost;

namespace OrleansConcert.Engine.Tests;

/// <summary>Point 12: a stop waits for what runs, ends every activation, and then nobody gets in.</summary>
public sealed class Stopping
{
    [Fact]
    public async Task A_stop_waits_for_calls_in_flight_and_ends_every_activation()
    {
        await using var cluster = new TestClusterBuilder(1).AddSiloBuilderConfigurator<Cluster.Silo>().Build();
        await cluster.DeployAsync();
        var grain = cluster.Client.GetGrain<IStopGrain>("stopping");
        var idle = cluster.Client.GetGrain<IStopGrain>("stopping idle");
        await idle.Touch();
        var held = grain.Hold("stopping gate");
        await Signals.Hear("stopping gate");
        var stop = cluster.StopAllSilosAsync();
        Signals.Open("stopping gate");
        Assert.Equal("done", await held.WaitAsync(Signals.Limit));
        await stop.WaitAsync(Signals.Limit);
        Assert.Equal("ShuttingDown", await Signals.Hear("stopping"));
        Assert.Equal("ShuttingDown", await Signals.Hear("stopping idle"));
    }

    [Fact]
    public async Task After_a_stop_an_old_reference_finds_nobody_and_no_new_one_is_given()
    {
        await using var cluster = new TestClusterBuilder(1).AddSiloBuilderConfigurator<Cluster.Silo>().Build();
        await cluster.DeployAsync();
        var client = cluster.Client;
        var grain = client.GetGrain<IStopGrain>("stopped");
        await grain.Touch();
        await cluster.StopAllSilosAsync().WaitAsync(Signals.Limit);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Touch().WaitAsync(Signals.Limit));
        Assert.Throws<ObjectDisposedException>(() => client.GetGrain<IStopGrain>("stopped"));
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
        await GrainFactory.GetGrain<IStopGrain>("called while stopping").Touch();
        return "done";
    }

    public Task Touch() => Task.CompletedTask;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Say(this.GetPrimaryKeyString(), $"{reason.ReasonCode}");
        return Task.CompletedTask;
    }
}
