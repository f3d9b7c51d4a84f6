using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;
using OrleansConcert.Grains.Abstractions;
using OrleansConcert.Storage.Providers;

namespace OrleansConcert.Silo;

/// <summary>The one-process engine: reminders and small state stand on the journal.</summary>
internal static class EngineHosting
{
    public static void UseEngine(this IHostApplicationBuilder builder) => builder.UseOrleans(silo => silo.StandOnJournal());

    public static void StandOnJournal(this ISiloBuilder silo)
    {
        silo.Services.AddKeyedSingleton<IGrainStorage, JournalGrainStorage>(WireNames.StateStorage);
        silo.Services.AddSingleton<IReminderTable, JournalReminderTable>();
        silo.AddReminders();
    }
}
