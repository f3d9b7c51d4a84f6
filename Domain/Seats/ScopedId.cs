namespace OrleansConcert.Domain.Seats;

/// <summary>
/// The ids of reservations and payments: a kind, the schedule they belong to, and 128 bits that nobody can guess, such as
/// <c>rsv.friday.3q2-7wAAAAAAAAAAAAAAAA</c>. The one place that knows this form.
/// </summary>
public static class ScopedId
{
    public static string Reservation(string scheduleId, string secret) => $"rsv.{scheduleId}.{secret}";

    public static string Payment(string scheduleId, string secret) => $"pay.{scheduleId}.{secret}";

    /// <summary>The schedule of a reservation's id, or null where the text is none.</summary>
    public static string? ScheduleOfReservation(string id) => ScheduleOf(id, "rsv");

    /// <summary>The schedule of a payment's id, or null where the text is none.</summary>
    public static string? ScheduleOfPayment(string id) => ScheduleOf(id, "pay");

    private static string? ScheduleOf(string id, string kind) =>
        id.Length <= 128 && id.Split('.') is [var first, var schedule, { Length: > 0 }] && first == kind && Names.IsId(schedule)
            ? schedule
            : null;
}
