namespace Orleans.Reminders;

/// <summary>When a reminder ticks.</summary>
internal static class ReminderSchedule
{
    /// <summary>
    /// The first instant of the reminder's schedule (start, then every period) that is not before <paramref name="now"/> and,
    /// where it has ticked, after <paramref name="last"/>. Instants that went by meanwhile are skipped.
    /// </summary>
    internal static DateTime Next(ReminderEntry entry, DateTime now, DateTime? last)
    {
        var next = NotBefore(DateTime.SpecifyKind(entry.StartAt, DateTimeKind.Utc), entry.Period, now);
        return last is { } ticked && next <= ticked ? Later(ticked, entry.Period.Ticks) : next;
    }

    private static DateTime NotBefore(DateTime start, TimeSpan period, DateTime now)
    {
        if (now <= start || period <= TimeSpan.Zero)
        {
            return start;
        }

        var since = (now - start).Ticks % period.Ticks;
        return since == 0 ? now : Later(now, period.Ticks - since);
    }

    private static DateTime Later(DateTime from, long ticks) =>
        ticks > DateTime.MaxValue.Ticks - from.Ticks ? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc) : from.AddTicks(ticks);
}
