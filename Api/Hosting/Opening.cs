using OrleansConcert.Domain.Concerts;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Hosting;

/// <summary>
/// What is there before the first call comes: the main queue and, where wanted, a concert to try things on. Done at every start;
/// what is there already stays as it is.
/// </summary>
internal sealed partial class Opening(IGrainFactory grains, Settings settings, TimeProvider time, ILogger<Opening> log)
    : IHostedLifecycleService
{
    private const string DemoConcert = "demo";
    private const string DemoSchedule = "demo-1";

    private static readonly ImmutableArray<Section> DemoSections = [new("A", 5, 10, 50_000), new("B", 10, 20, 30_000)];
    private static readonly TimeSpan DemoAhead = TimeSpan.FromDays(30);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await grains.Catalog().AddQueue(WireNames.MainQueue);
        if ((await grains.Queue(WireNames.MainQueue).Get()).Refused is not null)
        {
            await grains.Queue(WireNames.MainQueue).Put(Preset.Standard.Name, Preset.Standard.Queue);
        }

        if (settings.HasWellKnownKey)
        {
            LogWellKnownKey(SettingsReader.WellKnownKey);
        }

        foreach (var name in settings.Unused)
        {
            LogUnused(name);
        }

        if (settings.Demo)
        {
            await OpenDemo();
        }
    }

    /// <summary>Says that it serves, which by now is true.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (settings.IsClient)
        {
            LogClient(settings.Urls, settings.ClusterId);
            return Task.CompletedTask;
        }

        LogStart(settings.Urls, settings.StorageKind, settings.StorageKind switch
        {
            "Memory" => "no folder",
            "Postgres" => "ConnectionStrings:Concert",
            _ => settings.StoragePath,
        });
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>That either exists already is fine: it was opened at an earlier start.</summary>
    private async Task OpenDemo()
    {
        await grains.Catalog().AddConcert(DemoConcert);
        await grains.Concert(DemoConcert).Make(
            new(DemoConcert, "Demo concert", WireNames.MainQueue, ConcertDefinition.DefaultTimeZone, Preset.Standard.Sale), null);
        var startsAt = Instant.From(time.GetUtcNow()) + DemoAhead;
        await grains.Concert(DemoConcert).AddSchedule(new(DemoSchedule, startsAt, null, null, DemoSections), null);
        LogDemo(DemoConcert, DemoSchedule);
    }

    [LoggerMessage(1, LogLevel.Warning,
        "The operator key is '{Key}', which everybody knows: anybody who reaches this server can sign in as anybody. Development only.")]
    private partial void LogWellKnownKey(string key);

    [LoggerMessage(2, LogLevel.Information,
        "The concert '{Concert}' with the schedule '{Schedule}' is open behind the queue 'main'; README.md shows how to buy a seat.")]
    private partial void LogDemo(string concert, string schedule);

    [LoggerMessage(4, LogLevel.Warning, "{Name} is set, and this version does nothing with it.")]
    private partial void LogUnused(string name);

    [LoggerMessage(3, LogLevel.Information, "Serving on {Urls}; store: {Kind}, {Folder}.")]
    private partial void LogStart(string urls, string kind, string folder);

    [LoggerMessage(5, LogLevel.Information, "Serving on {Urls}; the grains are in the cluster '{Cluster}'.")]
    private partial void LogClient(string urls, string cluster);
}
