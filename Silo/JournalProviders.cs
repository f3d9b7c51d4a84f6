using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansConcert.Grains.Abstractions;
using OrleansConcert.Storage.Providers;

namespace OrleansConcert.Silo;

/// <summary>Reminders and small state of the grains stand on the journal, whichever engine runs them.</summary>
internal static class JournalProviders
{
    public static ISiloBuilder StandOnJournal(this ISiloBuilder silo)
    {
        silo.Services.AddKeyedSingleton<IGrainStorage, JournalGrainStorage>(WireNames.StateStorage);
        silo.Services.AddSingleton<IReminderTable, JournalReminderTable>();
        return silo.AddReminders();
    }
}
