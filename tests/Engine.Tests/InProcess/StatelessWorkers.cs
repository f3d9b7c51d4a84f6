namespace OrleansConcert.Engine.Tests.InProcess;

/// <summary>How many workers serve at once: Orleans may let calls that come together share one for a while.</summary>
public sealed class StatelessWorkers(Cluster cluster) : IClassFixture<Cluster>
{
    [Fact]
    public async Task A_stateless_worker_runs_as_many_calls_at_once_as_it_has_workers()
    {
        var grain = cluster.Get<IWorkerGrain>("busy");
        var calls = new[] { grain.Hold("busy 1"), grain.Hold("busy 2"), grain.Hold("busy 3") };
        var first = await Signals.Hear("busy");
        var second = await Signals.Hear("busy");
        Assert.True(Signals.HeardNothing("busy"));

        // The third waits for one of the two workers, and which one that is nobody promises.
        Signals.Open(first);
        Signals.Open(second);
        await Signals.Hear("busy");
        foreach (var gate in new[] { "busy 1", "busy 2", "busy 3" })
        {
            Signals.Open(gate);
        }

        Assert.NotEqual(first, second);
        await Task.WhenAll(calls).WaitAsync(Signals.Limit);
    }
}
