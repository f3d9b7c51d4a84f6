using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using OrleansConcert.Grains.Abstractions;
using OrleansConcert.Storage.Providers;

namespace OrleansConcert.Silo;

/// <summary>What of the engine stands on the journal.</summary>
internal static class JournalProviders
{
    /// <summary>Small state of the grains does, whichever engine runs them and however many silos: one database serves them all.</summary>
    public static ISiloBuilder KeepStateInJournal(this ISiloBuilder silo)
    {
        silo.Services.AddKeyedSingleton<IGrainStorage, JournalGrainStorage>(WireNames.StateStorage);
        return silo;
    }

    /// <summary>Reminders do where there is one silo, which alone folds them.</summary>
    public static ISiloBuilder KeepRemindersInJournal(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<IReminderTable, JournalReminderTable>();
        return silo.AddReminders();
    }
}
