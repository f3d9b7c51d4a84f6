using System.Collections;
using System.Text;

namespace OrleansConcert.Simulation;

/// <summary>An answer in one short line.</summary>
internal static class Telling
{
    public static string Of(object? told) => told switch
    {
        null => "nothing",
        string text => text,
        Exception failure => $"{failure.GetType().Name}, {failure.Message}",
        Instant at => at.ToString()[11..],
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        ReplayedAnswer again => $"again {again.Status} {Encoding.UTF8.GetString(again.Body.AsSpan())}",
        IEnumerable list => $"[{string.Join(' ', list.Cast<object>().Select(Of))}]",
        _ => $"{Name(told)}({string.Join(' ', Members(told))})",
    };

    private static string Name(object told) => told.GetType() is { IsGenericType: false } type ? type.Name : "";

    private static IEnumerable<string> Members(object told) => told.GetType().GetProperties()
        .Where(member => member.GetIndexParameters().Length == 0
            && member.Name is not ("Token" or "PollAfterMs" or "EstimatedWaitMs" or "Policy"
            or "QueueId" or "UserId" or "ConcertId" or "WalletGate" or "BrowseGate" or "EqualityContract") | told is TokenSight)
        .Select(member => (member.Name, Value: member.GetValue(told)))
        .Where(member => member.Value is not (null or "" or 0 or 0L) && !(member.Value is Particulars with && with == Particulars.None))
        .Select(member => $"{member.Name}={Of(member.Value)}");
}
