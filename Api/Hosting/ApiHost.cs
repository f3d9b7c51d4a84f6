using System.Security.Cryptography;
using Microsoft.AspNetCore.HttpOverrides;
using OrleansConcert.Api.Access;
using OrleansConcert.Api.Resources;
using OrleansConcert.Api.Streams;
using OrleansConcert.Silo;

namespace OrleansConcert.Api.Hosting;

/// <summary>How the server is put together.</summary>
public static class ApiHost
{
    private const int MaxHeaderBytes = 16 * 1024;

    /// <summary>More than the edge accepts, so that a client who sends a little too much is told so instead of being cut off.</summary>
    private const int MaxDrainedBytes = 16 * Body.MaxBytes;

    /// <summary>A head that takes longer to arrive is not waited for: 408.</summary>
    private static readonly TimeSpan HeadPatience = TimeSpan.FromSeconds(5);

    /// <summary>With the notice before it and the store after it, ten seconds at the most.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(7);

    /// <summary>Serves until the process is asked to stop.</summary>
    /// <returns>The exit code of the process.</returns>
    public static Task<int> Run(string[] args) =>
        Programme.Run("server", () => Build(args, TimeProvider.System), Leaving.WhenAsked);

    /// <summary>The server, not started yet.</summary>
    /// <param name="args">Settings on the command line, such as <c>--Concert:Demo=false</c>.</param>
    /// <param name="time">The one clock of the process.</param>
    /// <exception cref="StartException">A setting is wrong, an address is taken, the store is not to be had.</exception>
    public static Task<WebApplication> Build(string[] args, TimeProvider time) => Build(args, time, _ => { });

    /// <summary>The same with services of one's own.</summary>
    /// <param name="adjust">Called last, when all services are there.</param>
    internal static async Task<WebApplication> Build(string[] args, TimeProvider time, Action<IServiceCollection> adjust)
    {
        // appsettings.json is the one beside the programme, wherever it is started from.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
        });
        var settings = new SettingsReader(builder.Configuration, builder.Environment.IsDevelopment()).Read();
        if (!builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            Addresses.Try(settings.Urls);
        }

        builder.Logging.UseConsoleLog();
        Listen(builder.WebHost, settings);
        builder.Services.AddSingleton(settings);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = StopPatience);
        await builder.AddGrains(settings, time);
        AddEdge(builder.Services, settings);
        builder.Services.AddHostedService<HandingOver>();
        builder.Services.AddHostedService<Opening>();
        adjust(builder.Services);

        var app = builder.Build();
        Serve(app, settings);
        return app;
    }

    private static void Listen(ConfigureWebHostBuilder host, Settings settings)
    {
        host.UseUrls(settings.Urls);
        host.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxDrainedBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
            kestrel.Limits.RequestHeadersTimeout = HeadPatience;
        });
    }

    private static void AddEdge(IServiceCollection services, Settings settings)
    {
        services.AddRoutingCore();
        services.AddSingleton(new OperatorKeys(settings.OperatorKeys));
        services.AddSingleton<Credentials>();
        services.AddSingleton<Gatekeeper>();
        services.AddSingleton<Feeds>();
        services.AddSingleton<OpenStreams>();
        services.AddSingleton<Repeats>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Boards>(
            provider, RandomNumberGenerator.GetHexString(32, lowercase: true)));
        services.AddSingleton<OutageLog>();
        services.AddSingleton<Edge>();
        services.AddSingleton<Houses>();
        services.AddSingleton<SeatMaps>();
        services.AddResources();
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            options.KnownIPNetworks.Clear();
            options.KnownProxies.Clear();
            settings.KnownProxies.ToList().ForEach(options.KnownProxies.Add);
        });
    }

    private static void Serve(WebApplication app, Settings settings)
    {
        if (!settings.KnownProxies.IsEmpty)
        {
            app.UseForwardedHeaders();
        }

        app.Use((http, next) => Leaving.TurnAway(http, next, app.Lifetime.ApplicationStopping));
        app.Use(Outskirts.Serve);
        app.UseRouting();
        app.Use(Outskirts.RefuseUngated);
        var routes = new Routes(app, app.Services.GetRequiredService<Edge>());
        foreach (var resource in app.Services.GetServices<IResource>())
        {
            resource.Map(routes);
        }
    }
}
