using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansConcert.Domain.Access;
using OrleansConcert.Grains;
using OrleansConcert.Grains.Journal;
using OrleansConcert.Storage;
using OrleansConcert.Storage.Disks;

namespace OrleansConcert.Silo;

/// <summary>How a silo is put together: the store, the clock, the keys, the engine, and what wakes unfinished work.</summary>
public static class SiloHosting
{
    /// <summary>Opens the store and adds the silo to a host. The host closes the store when it stops.</summary>
    /// <exception cref="StartException">The store is in use, damaged or out of reach, or not to be had.</exception>
    public static async Task AddConcertSilo(this IHostApplicationBuilder builder, SiloSettings settings)
    {
        var journal = await Open(settings);
        var keys = await SigningKeys.Open(journal, settings.SigningKeys, settings.Time);

        // By factory, so that the container closes the store after everything that uses it.
        builder.Services.AddSingleton(_ => journal);
        builder.Services.AddSingleton<StoreHealth>();
        builder.Services.AddConcertGrains(journal, keys, new RandomIds(), settings.Time);
        builder.Services.AddHostedService<ClockReport>();
        builder.UseEngine();
        builder.Services.AddHostedService(services => services.GetRequiredService<UnfinishedWork>());
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

    private static async Task<FileJournal> Open(SiloSettings settings)
    {
        // Lives as long as the journal, which logs through it: the host's own logging is not built yet.
        var logging = LoggerFactory.Create(logging => logging.AddSimpleConsole(console => console.SingleLine = true));
        var options = new FileJournalOptions { Time = settings.Time, Logger = logging.CreateLogger<FileJournal>() };
        try
        {
            return settings.Kind switch
            {
                StorageKind.Embedded => await FileJournal.Open(settings.Path, options),
                StorageKind.Memory => await FileJournal.Open(new MemoryDisk(), options),
            };
        }
        catch (StoreException exception)
        {
            throw new StartException(exception.Message, exception);
        }
    }
}
