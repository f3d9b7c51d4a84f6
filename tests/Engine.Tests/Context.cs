namespace OrleansConcert.Engine.Tests;

public interface IContextGrain : IGrainWithStringKey
{
    Task<string?> Seen(string key);

    Task<string?> SeenFurtherOn(string key, string other);

    Task<string?> SeenAfterAwait(string key);

    Task Set(string key, string value);

    Task<string?> AsyncLocalSeen();
}

public sealed class ContextGrain : Grain, IContextGrain
{
    public static readonly AsyncLocal<string?> Local = new();

    public Task<string?> Seen(string key) => Task.FromResult(RequestContext.Get(key) as string);

    public Task<string?> SeenFurtherOn(string key, string other) => GrainFactory.GetGrain<IContextGrain>(other).Seen(key);

    public async Task<string?> SeenAfterAwait(string key)
    {
        await Task.Yield();
        return RequestContext.Get(key) as string;
    }

    public Task Set(string key, string value)
    {
        RequestContext.Set(key, value);
        return Task.CompletedTask;
    }

    public Task<string?> AsyncLocalSeen() => Task.FromResult(Local.Value);
}

/// <summary>Point 11: what travels with a call and what does not.</summary>
public sealed class Context(Cluster cluster) : IClassFixture<Cluster>
{
    [Fact]
    public async Task The_request_context_travels_with_the_call_and_further()
    {
        RequestContext.Set("travels", "yes");
        var grain = cluster.Get<IContextGrain>("context");
        Assert.Equal("yes", await grain.Seen("travels"));
        Assert.Equal("yes", await grain.SeenAfterAwait("travels"));
        Assert.Equal("yes", await grain.SeenFurtherOn("travels", "further"));
        RequestContext.Remove("travels");
        Assert.Null(await grain.Seen("travels"));
    }

    [Fact]
    public async Task What_a_grain_sets_stays_in_its_call()
    {
        var grain = cluster.Get<IContextGrain>("stays");
        await grain.Set("stays", "here");
        Assert.Null(RequestContext.Get("stays"));
        Assert.Null(await grain.Seen("stays"));
    }

    [Fact]
    public async Task An_async_local_does_not_flow_into_a_grain()
    {
        ContextGrain.Local.Value = "outside";
        Assert.Null(await cluster.Get<IContextGrain>("local").AsyncLocalSeen());
    }
}
