using Orleans.Concurrency;

namespace OrleansConcert.Engine.Tests;

public interface ITickGrain : IGrainWithStringKey
{
    Task Start(TimeSpan due, TimeSpan period, bool interleave = false, string? gate = null);

    Task<int> Ticks();

    Task Hold(string gate);

    Task Change(TimeSpan due, TimeSpan period);

    Task Dispose();

    Task EndButHold(string gate);

    [AlwaysInterleave]
    Task<int> TicksAnytime();
}

public class TickGrain : Grain, ITickGrain
{
    private IGrainTimer? _timer;
    private int _ticks;

    protected string Name => this.GetPrimaryKeyString();

    public Task Start(TimeSpan due, TimeSpan period, bool interleave, string? gate)
    {
        _timer = this.RegisterGrainTimer(
            Tick,
            gate,
            new GrainTimerCreationOptions { DueTime = due, Period = period, Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task<int> Ticks() => Task.FromResult(_ticks);

    public Task<int> TicksAnytime() => Task.FromResult(_ticks);

    public async Task Hold(string gate)
    {
        Signals.Say(gate, "held");
        await Signals.Gate(gate);
    }

    public Task Change(TimeSpan due, TimeSpan period)
    {
        _timer!.Change(due, period);
        return Task.CompletedTask;
    }

    public Task Dispose()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task EndButHold(string gate)
    {
        DeactivateOnIdle();
        await Hold(gate);
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Say(Name, $"ended after {_ticks}");
        return Task.CompletedTask;
    }

    private async Task Tick(string? gate, CancellationToken stop)
    {
        _ticks++;
        Signals.Say(Name, $"tick {_ticks}");
        if (gate is not null && _ticks == 1)
        {
            await Signals.Gate(gate);
        }

        if (Name.StartsWith("throws", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("A tick failed.");
        }
    }
}

[Reentrant]
public sealed class ReentrantTickGrain : TickGrain, IReentrantTickGrain;

public interface IReentrantTickGrain : ITickGrain;

/// <summary>Point 4 and 15: grain timers, by a clock that the test moves.</summary>
[Collection("one clock")]
public sealed class Timers(TimedCluster cluster)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private ITickGrain Grain(string key) => cluster.Grains.GetGrain<ITickGrain>(key, typeof(TickGrain).FullName);

    [Fact]
    public async Task A_timer_ticks_when_due_and_then_every_period()
    {
        var grain = Grain("ticks");
        await grain.Start(Second, 2 * Second);
        TimedCluster.Time.Advance(0.9 * Second);
        Assert.Equal(0, await grain.Ticks());
        TimedCluster.Time.Advance(0.1 * Second);
        Assert.Equal("tick 1", await Signals.Hear("ticks"));
        Assert.Equal(1, await grain.Ticks());
        TimedCluster.Time.Advance(2 * Second);
        Assert.Equal("tick 2", await Signals.Hear("ticks"));
        await grain.Dispose();
    }

    [Fact]
    public async Task The_period_counts_from_the_end_of_a_tick()
    {
        var grain = Grain("period");
        await grain.Start(Second, 2 * Second, gate: "period gate");
        TimedCluster.Time.Advance(Second);
        await Signals.Hear("period");
        TimedCluster.Time.Advance(20 * Second);
        Signals.Open("period gate");
        Assert.Equal(1, await grain.Ticks().WaitAsync(Signals.Limit));
        TimedCluster.Time.Advance(1.9 * Second);
        Assert.Equal(1, await grain.Ticks());
        TimedCluster.Time.Advance(0.1 * Second);
        Assert.Equal("tick 2", await Signals.Hear("period"));
        await grain.Dispose();
    }

    [Fact]
    public async Task A_tick_waits_for_the_running_call_of_a_plain_grain()
    {
        var grain = Grain("waits");
        await grain.Start(Second, Timeout.InfiniteTimeSpan);
        var held = grain.Hold("waits gate");
        await Signals.Hear("waits gate");
        TimedCluster.Time.Advance(2 * Second);
        Assert.Equal(0, await grain.TicksAnytime());
        Signals.Open("waits gate");
        await held.WaitAsync(Signals.Limit);
        Assert.Equal("tick 1", await Signals.Hear("waits"));
    }

    [Fact]
    public async Task An_interleaving_tick_does_not_wait()
    {
        var grain = Grain("amid");
        await grain.Start(Second, Timeout.InfiniteTimeSpan, interleave: true);
        var held = grain.Hold("amid gate");
        await Signals.Hear("amid gate");
        TimedCluster.Time.Advance(2 * Second);
        Assert.Equal("tick 1", await Signals.Hear("amid"));
        Assert.False(held.IsCompleted);
        Signals.Open("amid gate");
        await held.WaitAsync(Signals.Limit);
    }

    [Fact]
    public async Task A_tick_runs_amid_the_calls_of_a_reentrant_grain()
    {
        var grain = cluster.Get<IReentrantTickGrain>("reentrant");
        await grain.Start(Second, Timeout.InfiniteTimeSpan);
        var held = grain.Hold("reentrant gate");
        await Signals.Hear("reentrant gate");
        TimedCluster.Time.Advance(Second);
        Assert.Equal("tick 1", await Signals.Hear("reentrant"));
        Signals.Open("reentrant gate");
        await held.WaitAsync(Signals.Limit);
    }

    [Fact]
    public async Task A_timer_can_be_changed_and_ended()
    {
        var grain = Grain("changed");
        await grain.Start(Second, Second);
        await grain.Change(5 * Second, Timeout.InfiniteTimeSpan);
        TimedCluster.Time.Advance(4 * Second);
        Assert.Equal(0, await grain.Ticks());
        TimedCluster.Time.Advance(Second);
        Assert.Equal("tick 1", await Signals.Hear("changed"));
        await grain.Ticks();
        await grain.Change(Second, Second);
        await grain.Dispose();
        TimedCluster.Time.Advance(5 * Second);
        Assert.Equal(1, await grain.Ticks());
    }

    [Fact]
    public async Task A_tick_that_fails_is_followed_by_the_next()
    {
        var grain = Grain("throws");
        await grain.Start(Second, Second);
        TimedCluster.Time.Advance(Second);
        Assert.Equal("tick 1", await Signals.Hear("throws"));
        await grain.Ticks();
        TimedCluster.Time.Advance(Second);
        Assert.Equal("tick 2", await Signals.Hear("throws"));
        await grain.Dispose();
    }

    [Fact]
    public async Task Timers_tick_until_the_activation_ends_and_no_longer()
    {
        var grain = Grain("until");
        await grain.Start(Second, Second, interleave: true);
        var held = grain.EndButHold("until gate");
        await Signals.Hear("until gate");
        TimedCluster.Time.Advance(Second);
        Assert.Equal("tick 1", await Signals.Hear("until"));
        Signals.Open("until gate");
        await held.WaitAsync(Signals.Limit);
        Assert.Equal("ended after 1", await Signals.Hear("until"));
        TimedCluster.Time.Advance(5 * Second);
        Assert.Equal(0, await grain.Ticks().WaitAsync(Signals.Limit));
    }
}
