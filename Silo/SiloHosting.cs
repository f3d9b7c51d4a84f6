using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansConcert.Domain.Access;
using OrleansConcert.Grains;
using OrleansConcert.Grains.Journal;
using OrleansConcert.Storage;
using OrleansConcert.Storage.Disks;
using OrleansConcert.Storage.Postgres;

namespace OrleansConcert.Silo;

/// <summary>How a silo is put together: the store, the clock, the keys, the engine, and what wakes unfinished work.</summary>
public static class SiloHosting
{
    /// <summary>A client that starts with its silos and its database waits for them.</summary>
    internal static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Opens the store and adds the silo to a host. The host closes the store when it stops.</summary>
    /// <exception cref="StartException">The store is in use, damaged or out of reach, or not to be had.</exception>
    public static async Task AddConcertSilo(this IHostApplicationBuilder builder, SiloSettings settings)
    {
        EngineHosting.Check(settings);
        var journal = await Open(settings);
        var keys = await Keys(journal, settings);

        // By factory, so that the container closes the store after everything that uses it.
        builder.Services.AddSingleton<IStore>(_ => journal);
        builder.Services.AddSingleton<StoreHealth>();
        builder.Services.AddSingleton<IHealth>(services => services.GetRequiredService<StoreHealth>());
        builder.Services.AddHostedService<StoreLoss>();
        builder.Services.AddConcertGrains(journal, keys, new RandomIds(), settings.Time);
        builder.Services.AddHostedService<ClockReport>();
        builder.UseEngine(settings);
        builder.Services.AddHostedService(services => services.GetRequiredService<UnfinishedWork>());
    }

    /// <summary>
    /// Adds the way to a cluster's grains to a host that has none of its own. Of the database it reads where the silos are, the key under
    /// which tokens are signed, and the instant that no clock may start before; it writes nothing.
    /// </summary>
    /// <exception cref="StartException">The database stays out of reach, or this engine has no clusters.</exception>
    public static async Task AddConcertClient(this IHostApplicationBuilder builder, SiloSettings settings)
    {
        EngineHosting.Check(settings);
        var (keys, lastInstant) = await Look(settings);
        var clock = new Clock(settings.Time, lastInstant);
        builder.Services.AddSingleton(keys);
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddHostedService<ClockReport>();
        builder.UseClient(settings);
    }

    /// <summary>What the grains are given, whatever journal they stand on.</summary>
    public static IServiceCollection AddConcertGrains(
        this IServiceCollection services, IJournal journal, KeyRing keys, IIdSource ids, TimeProvider time)
    {
        services.AddSingleton(_ => journal);
        services.AddSingleton(keys);
        services.AddSingleton(ids);
        var clock = new Clock(time, journal.LastInstant);
        services.AddSingleton(clock);
        services.TryAddSingleton<TimeProvider>(clock);
        services.AddSingleton<UnfinishedWork>();
        services.AddSingleton<IWakeUpCalls>(services => services.GetRequiredService<UnfinishedWork>());
        services.AddSingleton<JournaledGrainServices>();
        return services;
    }

    private static async Task<KeyRing> Keys(IStore store, SiloSettings settings)
    {
        try
        {
            return await SigningKeys.Open(store, settings.SigningKeys, settings.Time);
        }
        catch (JournalException exception)
        {
            await store.DisposeAsync();
            throw new StartException($"The store does not answer: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// The keys that were set, else the one that the first silo makes. It is waited for, and so is a database that is on its way.
    /// </summary>
    internal static async Task<(KeyRing Keys, DateTimeOffset LastInstant)> Look(SiloSettings settings)
    {
        for (var started = settings.Time.GetTimestamp(); ; await Task.Delay(LookEvery, settings.Time))
        {
            var isOver = settings.Time.GetElapsedTime(started) > ClientPatience;
            try
            {
                var (stored, lastInstant) = await PostgresJournal.Look(settings.ConnectionString, SigningKeys.Stream);
                if ((settings.SigningKeys.IsEmpty ? SigningKeys.In(stored) : new(settings.SigningKeys)) is { } keys)
                {
                    return (keys, lastInstant);
                }

                if (isOver)
                {
                    throw new StartException("No silo has made a signing key yet: start one, or set Concert:Access:SigningKeys.");
                }
            }
            catch (StoreException exception)
            {
                if (isOver || !exception.MayPass)
                {
                    throw new StartException(exception.Message, exception);
                }
            }
        }
    }

    private static async Task<IStore> Open(SiloSettings settings)
    {
        // Lives as long as the journal, which logs through it: the host's own logging is not built yet.
        var log = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true)).CreateLogger<IStore>();
        var files = new FileJournalOptions { Time = settings.Time, Logger = log };
        try
        {
            return settings.Kind switch
            {
                StorageKind.Embedded => await FileJournal.Open(settings.Path, files),
                StorageKind.Memory => await FileJournal.Open(new MemoryDisk(), files),

                // Whatever the time of the grains is, the database waits by the machine's.
                StorageKind.Postgres => await PostgresJournal.Open(new()
                {
                    ConnectionString = settings.ConnectionString,
                    Owner = settings.Cluster is { } cluster
                        ? $"cluster {cluster.Id}"
                        : $"process {Environment.ProcessId} on {Environment.MachineName}",
                    Cluster = settings.Cluster?.Id,
                    Logger = log,
                }),
            };
        }
        catch (StoreException exception)
        {
            throw new StartException(exception.Message, exception);
        }
    }
}
