using Microsoft.Extensions.DependencyInjection;
using Orleans.InProcess;
using Orleans.Reminders;
using Orleans.Runtime;

namespace Orleans;

/// <summary>What a grain can ask about its reminders. Only within its own turns.</summary>
public static class GrainReminderExtensions
{
    /// <summary>Sets a reminder, new or not; it is durable when this completes.</summary>
    /// <param name="grain">The grain, which must be <see cref="IRemindable"/>.</param>
    /// <param name="reminderName">Its name, unique within the grain.</param>
    /// <param name="dueTime">Until the first tick, not negative.</param>
    /// <param name="period">Between ticks, at least <see cref="Hosting.ReminderOptions.MinimumReminderPeriod"/>.</param>
    public static Task<IGrainReminder> RegisterOrUpdateReminder(
        this IGrainBase grain, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        var (service, id) = ServiceOf(grain);
        if (grain is not IRemindable)
        {
            throw new InvalidOperationException($"{id} is not {nameof(IRemindable)}, so it cannot have reminders.");
        }

        return service.Register(id, reminderName, dueTime, period);
    }

    /// <summary>Deletes a reminder. Where someone has set it anew meanwhile, it stays.</summary>
    /// <exception cref="ReminderException">It was set anew.</exception>
    public static Task UnregisterReminder(this IGrainBase grain, IGrainReminder reminder)
    {
        ArgumentNullException.ThrowIfNull(reminder);
        return ServiceOf(grain).Service.Unregister(reminder);
    }

    /// <summary>A reminder of the grain, or null.</summary>
    public static Task<IGrainReminder?> GetReminder(this IGrainBase grain, string reminderName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        var (service, id) = ServiceOf(grain);
        return service.Find(id, reminderName);
    }

    /// <summary>The reminders of the grain.</summary>
    public static Task<List<IGrainReminder>> GetReminders(this IGrainBase grain)
    {
        var (service, id) = ServiceOf(grain);
        return service.FindAll(id);
    }

    private static (ReminderService Service, GrainId Id) ServiceOf(IGrainBase grain)
    {
        var activation = Activation.Of(grain);
        if (Activation.Current is null)
        {
            throw new InvalidOperationException("Reminders may only be used within a grain's own turns.");
        }

        var service = activation.Engine.Services.GetService<ReminderService>()
            ?? throw new OrleansConfigurationException(
                "The host has no reminders: call AddReminders and register an IReminderTable, or call UseInMemoryReminderService.");
        return (service, activation.GrainId);
    }
}
