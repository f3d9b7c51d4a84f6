using Orleans.Concurrency;

namespace OrleansConcert.Engine.Tests;

[GenerateSerializer]
public sealed class SoldOutException : Exception
{
    public SoldOutException(string message, string[] seats)
        : base(message) => Seats = seats;

    [Id(0)]
    public string[] Seats { get; }
}

public sealed class UnmarkedException(string message) : Exception(message);

public interface IFailingGrain : IGrainWithStringKey
{
    Task Plain();

    Task SoldOut();

    Task Unmarked();

    Task Later();

    ValueTask<int> ByValue();

    Task Platform();

    [ResponseTimeout("00:00:01")]
    Task Slow(string gate);

    [ResponseTimeout("00:00:01")]
    Task Stubborn(string gate, CancellationToken cancellationToken);

    Task Cancellable(string name, CancellationToken cancellationToken);

    Task<string> HoldsUp(string gate);

    Task<int> Finished();

    [AlwaysInterleave]
    Task<bool> IsThere();
}

public sealed class FailingGrain : Grain, IFailingGrain
{
    private int _finished;

    public Task Plain() => throw new InvalidOperationException("Before any task.");

    public Task SoldOut() => throw new SoldOutException("All gone.", ["A1", "A2"]);

    public Task Unmarked() => throw new UnmarkedException("Ours alone.");

    public async Task Later()
    {
        await Task.Yield();
        throw new InvalidOperationException("Within the task.");
    }

    public ValueTask<int> ByValue() => throw new InvalidOperationException("By value.");

    public Task Platform() => throw new KeyNotFoundException("Not there.");

    public async Task Slow(string gate)
    {
        await Signals.Gate(gate);
        _finished++;
        Signals.Say(gate, "finished");
    }

    public async Task Stubborn(string gate, CancellationToken cancellationToken)
    {
        await Signals.Gate(gate);
        Signals.Say(gate, cancellationToken.IsCancellationRequested ? "fired" : "alone");
    }

    public async Task Cancellable(string name, CancellationToken cancellationToken)
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellationToken.Register(() => fired.TrySetResult());
        Signals.Say(name, "running");
        await fired.Task;
        Signals.Say(name, "fired");
    }

    public async Task<string> HoldsUp(string gate)
    {
        Signals.Say(gate, "held");
        await Signals.Gate(gate);
        return "done";
    }

    public Task<int> Finished() => Task.FromResult(_finished);

    public Task<bool> IsThere() => Task.FromResult(true);
}

/// <summary>Point 9 and how exceptions cross.</summary>
public sealed class Failures(Cluster cluster) : IClassFixture<Cluster>
{
    private IFailingGrain Grain(string key) => cluster.Get<IFailingGrain>(key);

    [Fact]
    public async Task What_a_grain_throws_reaches_the_caller()
    {
        var grain = Grain("throws");
        Assert.Equal("Before any task.", (await Assert.ThrowsAsync<InvalidOperationException>(() => grain.Plain())).Message);
        Assert.Equal("Within the task.", (await Assert.ThrowsAsync<InvalidOperationException>(() => grain.Later())).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => grain.ByValue().AsTask());
        await Assert.ThrowsAsync<KeyNotFoundException>(() => grain.Platform());
        Assert.True(await grain.IsThere());
    }

    [Fact]
    public async Task A_marked_exception_crosses_with_its_members()
    {
        var failure = await Assert.ThrowsAsync<SoldOutException>(() => Grain("marked").SoldOut());
        Assert.Equal("All gone.", failure.Message);
        Assert.Equal(["A1", "A2"], failure.Seats);
    }

    [Fact]
    public async Task An_exception_without_a_serializer_does_not_cross()
    {
        await Assert.ThrowsAsync<Orleans.Serialization.CodecNotFoundException>(() => Grain("unmarked").Unmarked().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task A_call_that_takes_too_long_fails_at_the_caller_and_goes_on_in_the_grain()
    {
        var grain = Grain("slow");
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Slow("slow").WaitAsync(Signals.Limit));
        Signals.Open("slow");
        await Signals.Hear("slow");
        Assert.Equal(1, await grain.Finished().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task A_call_that_waits_too_long_never_runs()
    {
        var grain = Grain("queued");
        var held = grain.HoldsUp("queued holder");
        await Signals.Hear("queued holder");
        await Assert.ThrowsAsync<TimeoutException>(() => grain.Slow("queued").WaitAsync(Signals.Limit));
        Signals.Open("queued");
        Signals.Open("queued holder");
        await held.WaitAsync(Signals.Limit);
        Assert.Equal(0, await grain.Finished().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task A_time_out_leaves_the_token_of_the_grain_alone()
    {
        using var source = new CancellationTokenSource();
        var call = Grain("stubborn").Stubborn("stubborn", source.Token);
        await Assert.ThrowsAsync<TimeoutException>(() => call.WaitAsync(Signals.Limit));
        Signals.Open("stubborn");
        Assert.Equal("alone", await Signals.Hear("stubborn"));
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_at_the_caller_and_its_token_fires_in_the_grain()
    {
        using var source = new CancellationTokenSource();
        var call = Grain("cancelled").Cancellable("cancelled", source.Token);
        Assert.Equal("running", await Signals.Hear("cancelled"));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Signals.Limit));
        Assert.Equal("fired", await Signals.Hear("cancelled"));
    }

    [Fact]
    public async Task A_call_with_a_token_that_has_fired_is_cancelled()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Grain("before").Cancellable("before", new CancellationToken(canceled: true)).WaitAsync(Signals.Limit));
    }
}
