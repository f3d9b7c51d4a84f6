using System.Text.RegularExpressions;

namespace OrleansConcert.Simulation;

/// <summary>What happened as the clients saw it, line by line. Nothing is made into text before somebody reads it.</summary>
internal sealed partial class History(TimeProvider time)
{
    private const int StoryLines = 40;
    private const int LastLines = 8;

    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly List<Event> _events = [];

    public IReadOnlyList<string> Lines => [.. _events.Select(each => each.ToString())];

    private TimeSpan Elapsed => time.GetUtcNow() - _start;

    public void Add(string what) => _events.Add(new(Elapsed, "", what));

    /// <summary>Somebody asks for something.</summary>
    public void Asked(string who, string what) => _events.Add(new(Elapsed, who, what));

    /// <summary>Somebody is told an answer or a failure, which must not change from here on.</summary>
    public void Told(string who, string what, object told) => _events.Add(new(Elapsed, who, what, told));

    /// <summary>
    /// What whoever has to find out why reads first: the last lines with a name that the complaint names, the misfortune among
    /// them, and the very last ones. <c>HISTORY=n</c> gives the last n lines instead, whatever they speak of.
    /// </summary>
    public string Story(string complaint)
    {
        var lines = Lines;
        if (SeedTests.From("HISTORY", 0) is > 0 and var count)
        {
            return string.Join('\n', lines.TakeLast(count));
        }

        var names = NamesIn(complaint);
        var last = lines.Count - LastLines;
        var told = lines.Select((line, place) => (Line: line, Place: place))
            .Where(each => each.Place >= last || IsMisfortune(each.Line) || names.Any(name => name.IsMatch(each.Line)))
            .TakeLast(StoryLines)
            .Select(each => each.Line);
        return $"{string.Join('\n', told)}\n({lines.Count} lines in all: HISTORY={lines.Count} shows every one.)";
    }

    /// <summary>Ids are the words with a digit in them, and tickets; instants are not.</summary>
    private static List<Regex> NamesIn(string complaint) =>
    [
        .. Word().Matches(complaint).Select(word => word.Value).Distinct(StringComparer.Ordinal).Take(20)
            .Select(word => new Regex($@"(?<![\w-]){Regex.Escape(word)}(?![\w-])")),
        .. Ticket().Matches(complaint).Select(ticket => new Regex($@"\b[Tt]icket[ =]{ticket.Groups[1].Value}\b")),
    ];

    private static bool IsMisfortune(string line) => line.Contains(" --- ", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<![\w:-])(?=[\w-]*[A-Za-z])(?=[\w-]*\d)[\w-]{3,}(?![\w:-])")]
    private static partial Regex Word();

    [GeneratedRegex(@"ticket (\d+)", RegexOptions.IgnoreCase)]
    private static partial Regex Ticket();

    private readonly record struct Event(TimeSpan At, string Who, string What, object? Told = null)
    {
        public override string ToString()
        {
            var line = Who.Length == 0 ? What
                : Told is null ? $"{Who} > {What}"
                : $"{Who} < {What}: {Telling.Of(Told)}";
            return string.Create(CultureInfo.InvariantCulture, $"{At.TotalMilliseconds,10:0.###} {line}");
        }
    }
}

/// <summary>A promise was broken.</summary>
public sealed class BrokenPromiseException(string message) : Exception(message);
