using Orleans.Concurrency;
using Orleans.Storage;

namespace OrleansConcert.Engine.Tests;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<int> Number();

    Task End();

    Task HoldThenEnd(string gate);

    Task<int> EndAndHoldAtTheEnd(string gate);

    Task StaleState();

    [AlwaysInterleave]
    Task<int> NumberAnytime();
}

/// <summary>Says when it comes and goes, and counts its activations.</summary>
public sealed class LifeGrain : Grain, ILifeGrain
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, int> s_activations = new();
    private int _number;
    private string? _gateAtEnd;

    private string Name => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _number = s_activations.AddOrUpdate(Name, 1, (_, count) => count + 1);
        if (Name.StartsWith("slow start", StringComparison.Ordinal))
        {
            Signals.Say(Name, "starting");
            await Signals.Gate(Name);
        }

        if (Name.StartsWith("slowly up", StringComparison.Ordinal))
        {
            await Task.Yield();
        }

        if (Name.StartsWith("fails once", StringComparison.Ordinal) && _number == 1)
        {
            throw new SoldOutException("Not this time.", []);
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Say(Name, $"{reason.ReasonCode}");
        if (_gateAtEnd is not null)
        {
            await Signals.Gate(_gateAtEnd);
        }
    }

    public Task<int> Number() => Task.FromResult(_number);

    public Task<int> NumberAnytime() => Task.FromResult(_number);

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task HoldThenEnd(string gate)
    {
        DeactivateOnIdle();
        Signals.Say(gate, "held");
        await Signals.Gate(gate);
    }

    public Task<int> EndAndHoldAtTheEnd(string gate)
    {
        _gateAtEnd = gate;
        DeactivateOnIdle();
        return Task.FromResult(_number);
    }

    public Task StaleState() => throw new InconsistentStateException("Someone else wrote.", "2", "1");
}

/// <summary>Points 3, 6, 7, 8 and part of 12: how an activation begins and ends.</summary>
public sealed class Life(Cluster cluster) : IClassFixture<Cluster>
{
    private ILifeGrain Grain(string key) => cluster.Get<ILifeGrain>(key);

    [Fact]
    public async Task No_call_runs_during_activation_not_even_an_interleaving_one()
    {
        var grain = Grain("slow start");
        var plain = grain.Number();
        Assert.Equal("starting", await Signals.Hear("slow start"));
        var anytime = grain.NumberAnytime();
        await Grain("somebody else").Number().WaitAsync(Signals.Limit);
        Assert.False(plain.IsCompleted || anytime.IsCompleted);
        Signals.Open("slow start");
        Assert.Equal(1, await plain.WaitAsync(Signals.Limit));
        Assert.Equal(1, await anytime.WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task The_caller_gets_what_the_activation_threw_and_the_next_call_activates_afresh()
    {
        var grain = Grain("fails once");
        var failure = await Assert.ThrowsAsync<SoldOutException>(() => grain.Number().WaitAsync(Signals.Limit));
        Assert.Equal("Not this time.", failure.Message);
        Assert.Equal(2, await grain.Number().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task Of_several_callers_of_an_activation_that_fails_at_least_one_hears_of_it()
    {
        var grain = Grain("fails once for many");
        var calls = Enumerable.Range(0, 20).Select(async _ => await Record.ExceptionAsync(() => grain.Number())).ToArray();
        var failures = await Task.WhenAll(calls).WaitAsync(Signals.Limit);
        Assert.Contains(failures, failure => failure is SoldOutException);
        Assert.Equal(2, await grain.Number().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task A_grain_that_asks_to_end_ends_and_comes_back_anew()
    {
        var grain = Grain("ends");
        Assert.Equal(1, await grain.Number());
        await grain.End();
        Assert.Equal("ApplicationRequested", await Signals.Hear("ends"));
        Assert.Equal(2, await grain.Number().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task Running_calls_finish_before_the_end_and_new_ones_wait_for_the_next_activation()
    {
        var grain = Grain("finishes");
        var held = grain.HoldThenEnd("finishes gate");
        await Signals.Hear("finishes gate");
        var next = grain.Number();
        await Grain("someone").Number();
        Assert.False(next.IsCompleted);
        Assert.True(Signals.HeardNothing("finishes"));
        Signals.Open("finishes gate");
        await held.WaitAsync(Signals.Limit);
        Assert.Equal("ApplicationRequested", await Signals.Hear("finishes"));
        Assert.Equal(2, await next.WaitAsync(Signals.Limit));
    }

    /// <summary>Who waits while a grain comes up may be the very one to end it, and others are on their way to it by then.</summary>
    [Fact]
    public async Task No_call_runs_during_deactivation()
    {
        var grain = Grain("busy end");
        Assert.Equal(1, await grain.EndAndHoldAtTheEnd("busy end gate"));
        await Signals.Hear("busy end");
        var next = grain.NumberAnytime();
        await Grain("bystander").Number();
        Assert.False(next.IsCompleted);
        Signals.Open("busy end gate");
        Assert.Equal(2, await next.WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task A_stale_state_that_escapes_a_call_ends_the_activation()
    {
        var grain = Grain("stale");
        Assert.Equal(1, await grain.Number());
        var failure = await Assert.ThrowsAsync<InconsistentStateException>(() => grain.StaleState());
        Assert.Equal(("2", "1"), (failure.StoredEtag, failure.CurrentEtag));
        Assert.Equal("ApplicationError", await Signals.Hear("stale"));
        Assert.Equal(2, await grain.Number().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task A_test_can_end_an_activation_and_wait_for_it()
    {
        var grain = Grain("by a test");
        Assert.Equal(1, await grain.Number());
        await cluster.Host.DeactivateAsync(grain).WaitAsync(Signals.Limit);
        await cluster.Host.WaitForDeactivationAsync(grain).WaitAsync(Signals.Limit);
        Assert.Equal(2, await grain.Number().WaitAsync(Signals.Limit));
    }
}
