using Orleans.Concurrency;

namespace OrleansConcert.Engine.Tests;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Says that it runs, and waits for the gate.</summary>
    Task Hold(string gate);

    Task<string> Plain();

    [AlwaysInterleave]
    Task<string> Anytime();

    [ReadOnly]
    Task Read(string gate);

    [ResponseTimeout("00:00:01")]
    Task CallMyself();

    Task<string> ThereAndBack(string other);

    [ResponseTimeout("00:00:01")]
    Task<string> ThereAndBackInVain(string other);

    Task<string> CallBack(string first);
}

public class TurnGrain : Grain, ITurnGrain
{
    public async Task Hold(string gate)
    {
        Signals.Say(gate, "held");
        await Signals.Gate(gate);
    }

    public Task<string> Plain() => Task.FromResult("plain");

    public Task<string> Anytime() => Task.FromResult("anytime");

    public Task Read(string gate) => Hold(gate);

    public Task CallMyself() => this.AsReference<ITurnGrain>().Plain();

    public async Task<string> ThereAndBack(string other)
    {
        using var section = RequestContext.AllowCallChainReentrancy();
        return await GrainFactory.GetGrain<ITurnGrain>(other).CallBack(this.GetPrimaryKeyString());
    }

    public Task<string> ThereAndBackInVain(string other) =>
        GrainFactory.GetGrain<ITurnGrain>(other).CallBack(this.GetPrimaryKeyString());

    public Task<string> CallBack(string first) => GrainFactory.GetGrain<ITurnGrain>(first).Plain();
}

public interface IReentrantGrain : IGrainWithStringKey
{
    Task Hold(string gate);

    Task<int> DecideAndApply(int rounds);

    Task<int> Most();
}

[Reentrant]
public abstract class ReentrantBase : Grain;

public sealed class ReentrantGrain : ReentrantBase, IReentrantGrain
{
    private int _within;
    private int _most;

    public async Task Hold(string gate)
    {
        Signals.Say(gate, "held");
        await Signals.Gate(gate);
    }

    public async Task<int> DecideAndApply(int rounds)
    {
        var collisions = 0;
        for (var i = 0; i < rounds; i++)
        {
            // No await between: nobody else may come in here.
            collisions += ++_within == 1 ? 0 : 1;
            _most = Math.Max(_most, _within);
            Thread.SpinWait(50);
            _within--;
            await Task.Yield();
        }

        return collisions;
    }

    public Task<int> Most() => Task.FromResult(_most);
}

public interface IWorkerGrain : IGrainWithStringKey
{
    Task Hold(string gate);
}

[StatelessWorker(2)]
public sealed class WorkerGrain : Grain, IWorkerGrain
{
    public async Task Hold(string gate)
    {
        Signals.Say(gate.Split(' ')[0], gate);
        await Signals.Gate(gate);
    }
}

/// <summary>Points 2 and 3: which calls run amid which.</summary>
public sealed class Turns(Cluster cluster) : IClassFixture<Cluster>
{
    [Fact]
    public async Task Calls_to_a_plain_grain_wait_for_the_running_one()
    {
        var grain = cluster.Get<ITurnGrain>("plain");
        var held = grain.Hold("plain");
        await Signals.Hear("plain");
        var waiting = grain.Plain();
        await grain.Anytime().WaitAsync(Signals.Limit);
        Assert.False(waiting.IsCompleted);
        Signals.Open("plain");
        await held.WaitAsync(Signals.Limit);
        Assert.Equal("plain", await waiting.WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task An_always_interleaving_call_runs_amid_any_other()
    {
        var grain = cluster.Get<ITurnGrain>("interleave");
        var held = grain.Hold("interleave");
        await Signals.Hear("interleave");
        Assert.Equal("anytime", await grain.Anytime().WaitAsync(Signals.Limit));
        Assert.False(held.IsCompleted);
        Signals.Open("interleave");
        await held.WaitAsync(Signals.Limit);
    }

    [Fact]
    public async Task Read_only_calls_run_side_by_side_and_keep_others_out()
    {
        var grain = cluster.Get<ITurnGrain>("readers");
        var one = grain.Read("reader 1");
        await Signals.Hear("reader 1");
        var other = grain.Read("reader 2");
        await Signals.Hear("reader 2");
        var write = grain.Plain();
        await grain.Anytime().WaitAsync(Signals.Limit);
        Assert.False(write.IsCompleted);
        Signals.Open("reader 1");
        Signals.Open("reader 2");
        await Task.WhenAll(one, other, write).WaitAsync(Signals.Limit);
    }

    [Fact]
    public async Task A_grain_that_calls_itself_waits_in_vain()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => cluster.Get<ITurnGrain>("self").CallMyself().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task A_call_back_into_the_first_grain_waits_in_vain_unless_that_is_allowed()
    {
        var grain = cluster.Get<ITurnGrain>("first");
        Assert.Equal("plain", await grain.ThereAndBack("second").WaitAsync(Signals.Limit));
        await Assert.ThrowsAsync<TimeoutException>(
            () => cluster.Get<ITurnGrain>("third").ThereAndBackInVain("fourth").WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task Reentrancy_is_inherited_from_an_abstract_base()
    {
        var grain = cluster.Get<IReentrantGrain>("inherited");
        var held = grain.Hold("inherited");
        await Signals.Hear("inherited");
        Assert.Equal(0, await grain.Most().WaitAsync(Signals.Limit));
        Assert.False(held.IsCompleted);
        Signals.Open("inherited");
        await held.WaitAsync(Signals.Limit);
    }

    [Fact]
    public async Task Between_two_awaits_a_reentrant_grain_is_alone()
    {
        var grain = cluster.Get<IReentrantGrain>("alone");
        var collisions = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => grain.DecideAndApply(200))).WaitAsync(Signals.Limit);
        Assert.All(collisions, count => Assert.Equal(0, count));
        Assert.Equal(1, await grain.Most());
    }

    [Fact]
    public async Task Every_call_of_a_stateless_worker_is_served()
    {
        var grain = cluster.Get<IWorkerGrain>("worker");
        var calls = new[] { grain.Hold("worker 1"), grain.Hold("worker 2"), grain.Hold("worker 3") };
        foreach (var _ in calls)
        {
            Signals.Open(await Signals.Hear("worker"));
        }

        await Task.WhenAll(calls).WaitAsync(Signals.Limit);
    }
}
