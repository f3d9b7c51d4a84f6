using Orleans.Runtime;

namespace Orleans.Reminders;

/// <summary>What a grain holds of a reminder: enough to delete that very version of it.</summary>
[GenerateSerializer, Immutable]
internal sealed record Reminder([property: Id(0)] GrainId Grain, [property: Id(1)] string ReminderName, [property: Id(2)] string ETag)
    : IGrainReminder
{
    internal static Reminder Of(ReminderEntry entry) => new(entry.GrainId, entry.ReminderName, entry.ETag!);
}
