using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansConcert.Engine.Tests;

public interface IServedGrain : IGrainWithStringKey
{
    Task<string> Greeting();
}

public sealed record Greeting(string Text);

public sealed class ServedGrain(Greeting greeting, [FromKeyedServices("second")] Greeting second) : Grain, IServedGrain
{
    public Task<string> Greeting() => Task.FromResult($"{greeting.Text} {second.Text} {GrainContext.GrainId}");
}

/// <summary>The engine within an ordinary host.</summary>
public sealed class Hosting
{
    [Fact]
    public async Task A_host_serves_calls_from_its_own_services_and_the_engine_is_up_before_what_comes_after_it()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new Greeting("hello"));
        builder.Services.AddKeyedSingleton("second", new Greeting("there"));
        builder.UseOrleans(silo => silo.UseLocalhostClustering(siloPort: 11211, gatewayPort: 12211));
        builder.Services.AddHostedService<Early>();
        builder.Services.AddSingleton<Heard>();
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Signals.Limit);
        Assert.Equal("hello there served/early", host.Services.GetRequiredService<Heard>().Text);
        var grain = host.Services.GetRequiredService<IClusterClient>().GetGrain<IServedGrain>("late");
        Assert.Equal("hello there served/late", await grain.Greeting());
        await host.StopAsync().WaitAsync(Signals.Limit);
    }

    public sealed class Heard
    {
        public string? Text { get; set; }
    }

    public sealed class Early(IGrainFactory grains, Heard heard) : IHostedService
    {
        public async Task StartAsync(CancellationToken cancellationToken) =>
            heard.Text = await grains.GetGrain<IServedGrain>("early").Greeting();

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
