using System.Globalization;
using System.Text.Json;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Http;

/// <summary>Days and instants among the members and the query.</summary>
internal static class Times
{
    public const string Allowed = "RFC 3339 with an offset, such as 2026-11-21T09:30:00Z, from 1970 to 9000";

    public const string DayAllowed = "a day of the calendar such as 2026-11-21";

    private static readonly Instant Last = Instant.From(new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>An instant, or null where none was sent.</summary>
    public static Instant? Time(this Fields fields, string name)
    {
        if (fields.Text(name) is not { } text)
        {
            return null;
        }

        try
        {
            var instant = JsonSerializer.Deserialize(
                JsonSerializer.SerializeToUtf8Bytes(text, EdgeJson.Default.String), EdgeJson.Default.Instant);
            if (instant >= Instant.Epoch && instant < Last)
            {
                return instant;
            }
        }
        catch (JsonException)
        {
            // Told below, with what is allowed.
        }

        fields.Fault(name, Allowed);
        return null;
    }

    /// <summary>A day of the calendar.</summary>
    public static string Day(this Fields fields, string name)
    {
        var text = fields.Text(name);
        if (text is null)
        {
            fields.Fault(name, DayAllowed);
        }
        else if (!IsDay(text))
        {
            fields.Fault(new Problem(ProblemCode.InvalidDate, $"'{name}' must be {DayAllowed}."));
        }

        return text ?? "";
    }

    /// <summary>Whether the text is a day of the calendar, as <c>YYYY-MM-DD</c>.</summary>
    public static bool IsDay(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
