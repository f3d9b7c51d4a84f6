using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansConcert.Storage.Postgres;

namespace OrleansConcert.Silo;

/// <summary>A silo of a cluster; and, as <c>migrate</c>, what an operator asks of the database without a server.</summary>
internal static class SiloProgram
{
    /// <summary>With the store's own end after it, ten seconds at the most.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(8);

    public static Task<int> Main(string[] words) => words is ["migrate", ..]
        ? Migrate(words[1..])
        : Programme.Run("silo", () => Build(words), app => app.WaitForShutdownAsync());

    private static async Task<int> Migrate(string[] words)
    {
        var settings = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(words).Build();
        if (settings["ConnectionStrings:Concert"] is not { Length: > 0 } database)
        {
            await Console.Error.WriteLineAsync(
                "ConnectionStrings:Concert is not set; it must be a database such as Host=db;Database=concert;Username=owner;Password=...");
            return 2;
        }

        try
        {
            var applied = await PostgresJournal.Migrate(database);
            Console.WriteLine(applied.Count == 0 ? "The schema is up to date." : $"Applied: {string.Join(", ", applied)}.");
            return 0;
        }
        catch (Exception exception)
        {
            await Console.Error.WriteLineAsync(Programme.LineOf(exception));
            return 1;
        }
    }

    private static async Task<WebApplication> Build(string[] words)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { Args = words, ContentRootPath = AppContext.BaseDirectory });
        var (settings, urls) = new SiloSettingsReader(builder.Configuration).Read();
        builder.Logging.UseConsoleLog();
        builder.WebHost.UseUrls(urls);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopPatience);
        await builder.AddConcertSilo(settings);

        var app = builder.Build();
        var (health, lifetime) = (app.Services.GetRequiredService<StoreHealth>(), app.Lifetime);
        app.MapGet("/health/live", () => "live");
        app.MapGet("/health/ready", () => health.IsReady && !lifetime.ApplicationStopping.IsCancellationRequested
            ? Results.Text("ready")
            : Results.Text("The store does not answer, or the silo is leaving.", statusCode: StatusCodes.Status503ServiceUnavailable));
        lifetime.ApplicationStarted.Register(() => Console.WriteLine(
            $"The silo {settings.Cluster!.Name} has joined the cluster {settings.Cluster.Id}; its health is on {urls}."));
        return app;
    }
}
