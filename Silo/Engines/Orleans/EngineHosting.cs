using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;
using OrleansConcert.Grains.Abstractions;
using OrleansConcert.Storage.Providers;

namespace OrleansConcert.Silo;

/// <summary>Microsoft Orleans as a cluster of one: membership in memory; reminders and small state stand on the journal.</summary>
internal static class EngineHosting
{
    public static void UseEngine(this IHostApplicationBuilder builder)
    {
        builder.Services.AddKeyedSingleton<IGrainStorage, JournalGrainStorage>(WireNames.StateStorage);
        builder.Services.AddSingleton<IReminderTable, JournalReminderTable>();
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddReminders());
    }
}
