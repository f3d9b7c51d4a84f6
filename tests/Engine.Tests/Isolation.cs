using System.Collections.Immutable;

namespace OrleansConcert.Engine.Tests;

[GenerateSerializer]
public sealed class Basket
{
    [Id(0)]
    public List<string> Items { get; set; } = [];

    [Id(1)]
    public Basket? Inner { get; set; }

    [Id(2)]
    public Dictionary<string, int[]> Counts { get; init; } = [];
}

[GenerateSerializer]
public abstract record Shape([property: Id(0)] string Name);

[GenerateSerializer]
public sealed record Circle(string Name, [property: Id(0)] double Radius) : Shape(Name);

[GenerateSerializer]
public sealed record Group(string Name, [property: Id(0)] ImmutableArray<Shape> Parts) : Shape(Name)
{
    [Id(1)]
    public required DateTimeOffset At { get; init; }
}

[GenerateSerializer, Immutable]
public sealed class Frozen
{
    [Id(0)]
    public int[] Numbers { get; set; } = [];
}

public sealed class Unmarked
{
    public int Value { get; set; }
}

public interface IIsolationGrain : IGrainWithStringKey
{
    Task Keep(Basket basket);

    Task<Basket> Kept();

    Task<int> KeptItems();

    Task<int> SumAfter(int[] numbers, string gate);

    Task<Shape> Same(Shape shape);

    Task<bool> IsSame(Frozen frozen, string gate);

    Task<int> Take(object value);

    Task<object> Give();

    Task<byte[]> Bytes(byte[] bytes);

    Task<ImmutableArray<int>> Nothing(ImmutableArray<int> none);
}

public sealed class IsolationGrain : Grain, IIsolationGrain
{
    private Basket _kept = new();

    public Task Keep(Basket basket)
    {
        _kept = basket;
        return Task.CompletedTask;
    }

    public Task<Basket> Kept() => Task.FromResult(_kept);

    public Task<int> KeptItems() => Task.FromResult(_kept.Items.Count);

    public async Task<int> SumAfter(int[] numbers, string gate)
    {
        await Signals.Gate(gate);
        return numbers.Sum();
    }

    public Task<Shape> Same(Shape shape) => Task.FromResult(shape);

    public async Task<bool> IsSame(Frozen frozen, string gate)
    {
        await Signals.Gate(gate);
        return frozen.Numbers.Length == 1;
    }

    public Task<int> Take(object value) => Task.FromResult(1);

    public Task<object> Give() => Task.FromResult<object>(new Unmarked { Value = 1 });

    public Task<byte[]> Bytes(byte[] bytes)
    {
        bytes[0]++;
        return Task.FromResult(bytes);
    }

    public Task<ImmutableArray<int>> Nothing(ImmutableArray<int> none) => Task.FromResult(none);
}

/// <summary>Point 10: no caller and no grain sees the other's changes to what went between them.</summary>
public sealed class Isolation(Cluster cluster) : IClassFixture<Cluster>
{
    private IIsolationGrain Grain(string key) => cluster.Get<IIsolationGrain>(key);

    [Fact]
    public async Task An_argument_changed_after_the_call_is_not_changed_for_the_grain()
    {
        var basket = new Basket { Items = ["a"], Inner = new Basket { Items = ["b"] }, Counts = { ["a"] = [1] } };
        await Grain("argument").Keep(basket);
        basket.Items.Add("c");
        basket.Inner.Items.Add("c");
        basket.Counts["a"][0] = 2;
        var kept = await Grain("argument").Kept();
        Assert.Equal(["a"], kept.Items);
        Assert.Equal(["b"], kept.Inner!.Items);
        Assert.Equal(1, kept.Counts["a"][0]);
    }

    [Fact]
    public async Task A_result_changed_by_the_caller_is_not_changed_for_the_grain()
    {
        var grain = Grain("result");
        await grain.Keep(new Basket());
        (await grain.Kept()).Items.Add("mine");
        Assert.Equal(0, await grain.KeptItems());
    }

    [Fact]
    public async Task Arguments_are_copied_before_the_call_returns()
    {
        var numbers = new[] { 1, 2 };
        var call = Grain("before").SumAfter(numbers, "sum");
        numbers[0] = 100;
        Signals.Open("sum");
        Assert.Equal(3, await call.WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task Bytes_are_copied_both_ways()
    {
        var bytes = new byte[] { 1 };
        Assert.Equal(2, (await Grain("bytes").Bytes(bytes))[0]);
        Assert.Equal(1, bytes[0]);
    }

    [Fact]
    public async Task Derived_records_cross_whole()
    {
        var group = new Group("all", [new Circle("one", 1.5), new Group("none", []) { At = DateTimeOffset.UnixEpoch }])
        {
            At = DateTimeOffset.UnixEpoch.AddDays(1),
        };
        var back = Assert.IsType<Group>(await Grain("records").Same(group));
        Assert.Equal(group.Parts.AsEnumerable(), back.Parts.AsEnumerable(), (one, other) => one.Name == other.Name);
        Assert.Equal(new Circle("one", 1.5), back.Parts[0]);
        Assert.Equal(group.At, back.At);
        Assert.True((await Grain("records").Nothing(default)).IsDefault);
    }

    [Fact]
    public async Task Two_paths_to_one_object_still_meet()
    {
        var basket = new Basket();
        basket.Inner = basket;
        await Grain("cycle").Keep(basket);
        var kept = await Grain("cycle").Kept();
        Assert.Same(kept, kept.Inner);
        Assert.NotSame(basket, kept);
    }

    [Fact]
    public async Task A_type_without_a_serializer_does_not_cross()
    {
        await Assert.ThrowsAsync<Orleans.Serialization.CodecNotFoundException>(
            () => Grain("unmarked").Take(new Unmarked()).WaitAsync(Signals.Limit));
        await Assert.ThrowsAsync<Orleans.Serialization.CodecNotFoundException>(
            () => Grain("unmarked").Give().WaitAsync(Signals.Limit));
    }

    [Fact]
    public async Task An_immutable_argument_arrives_with_what_it_holds()
    {
        var call = Grain("frozen").IsSame(new Frozen { Numbers = [1] }, "frozen");
        Signals.Open("frozen");
        Assert.True(await call.WaitAsync(Signals.Limit));
    }
}
