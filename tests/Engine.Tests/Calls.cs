using Orleans.Concurrency;

namespace OrleansConcert.Engine.Tests;

public interface ICounterGrain : IGrainWithStringKey
{
    Task<int> Add(int amount);

    ValueTask<string> Echo(string text);

    ValueTask Touch();

    Task<long> Sum(int a, long b, short c, byte d, int e, int f, int g, int h, int i);

    [OneWay]
    Task Tell(string text);

    Task<string?> Told();
}

public sealed class CounterGrain : Grain, ICounterGrain
{
    private int _total;
    private string? _told;

    public Task<int> Add(int amount) => Task.FromResult(_total += amount);

    public async ValueTask<string> Echo(string text)
    {
        await Task.Yield();
        return text;
    }

    public ValueTask Touch() => ValueTask.CompletedTask;

    public Task<long> Sum(int a, long b, short c, byte d, int e, int f, int g, int h, int i) =>
        Task.FromResult(a + b + c + d + e + f + g + h + i);

    public Task Tell(string text)
    {
        _told = text;
        throw new InvalidOperationException("Nobody hears this.");
    }

    public Task<string?> Told() => Task.FromResult(_told);
}

public sealed class Calls(Cluster cluster) : IClassFixture<Cluster>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_grain_keeps_its_memory_between_calls()
    {
        var grain = cluster.Get<ICounterGrain>("memory");
        Assert.Equal(2, await grain.Add(2).WaitAsync(Limit));
        Assert.Equal(5, await cluster.Get<ICounterGrain>("memory").Add(3).WaitAsync(Limit));
        Assert.Equal(1, await cluster.Get<ICounterGrain>("another").Add(1).WaitAsync(Limit));
    }

    [Fact]
    public async Task Every_shape_of_method_is_called()
    {
        var grain = cluster.Get<ICounterGrain>("shapes");
        Assert.Equal("hello", await grain.Echo("hello"));
        await grain.Touch();
        Assert.Equal(45, await grain.Sum(1, 2, 3, 4, 5, 6, 7, 8, 9).WaitAsync(Limit));
    }

    [Fact]
    public async Task A_one_way_call_answers_at_once_and_its_failure_reaches_nobody()
    {
        var grain = cluster.Get<ICounterGrain>("one way");
        await grain.Tell("this").WaitAsync(Limit);
        for (var i = 0; await grain.Told() != "this"; i++)
        {
            Assert.True(i < 100_000);
        }
    }

    [Fact]
    public async Task Many_callers_of_a_plain_grain_are_served_one_at_a_time()
    {
        var grain = cluster.Get<ICounterGrain>("many");
        await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => grain.Add(1)))).WaitAsync(Limit);
        Assert.Equal(1000, await grain.Add(0));
    }

    [Fact]
    public void A_grain_is_known_by_its_class_and_its_key()
    {
        var grain = cluster.Get<ICounterGrain>("a/b");
        Assert.Equal("counter/a/b", grain.GetGrainId().ToString());
        Assert.Equal("a/b", grain.GetPrimaryKeyString());
        Assert.Equal(grain, cluster.Get<ICounterGrain>("a/b"));
        Assert.Equal(GrainId.Create("counter", "a/b"), GrainId.Parse("counter/a/b"));
    }
}
