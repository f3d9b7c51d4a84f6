using System.Text.RegularExpressions;

namespace OrleansConcert.Simulation;

/// <summary>What happened as the clients saw it, line by line. Nothing is made into text before somebody reads it.</summary>
internal sealed partial class History(TimeProvider time)
{
    private const int StoryLines = 40;

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
    /// What whoever has to find out why reads first: the last lines with an id that the complaint names, the last misfortune,
    /// the very last lines, and as much of its users as there is room for. <c>HISTORY=n</c> gives the last n lines instead.
    /// </summary>
    public string Story(string complaint)
    {
        var lines = Lines;
        if (SeedTests.From("HISTORY", 0) is > 0 and var count)
        {
            return string.Join('\n', lines.TakeLast(count));
        }

        var ids = IdsIn(complaint);
        var users = User().Matches(complaint).Select(user => $" {user} ").Distinct().ToList();
        var places = Enumerable.Range(0, lines.Count).Reverse();
        var told = places.Where(place => ids.Exists(id => id.IsMatch(lines[place]))).Take(StoryLines / 2)
            .Concat(places.Take(StoryLines / 5))
            .Concat(places.Where(place => lines[place].Contains(" --- ", StringComparison.Ordinal)).Take(StoryLines / 5))
            .Concat(places.Where(place => users.Exists(user => lines[place].Contains(user, StringComparison.Ordinal))))
            .Distinct().Take(StoryLines).Order().Select(place => lines[place]);
        return $"{string.Join('\n', told)}\n({lines.Count} lines in all: HISTORY={lines.Count} shows every one.)";
    }

    /// <summary>Ids are words with a digit and a letter in them, and the numbers of tickets; users and instants are not.</summary>
    private static List<Regex> IdsIn(string complaint) =>
    [
        .. Id().Matches(complaint).Select(id => id.Value.TrimEnd('.')).Distinct(StringComparer.Ordinal).Take(20)
            .Where(id => !User().IsMatch(id))
            .Select(id => new Regex($@"(?<![\w-]){Regex.Escape(id)}(?![\w-])")),
        .. Ticket().Matches(complaint).Select(ticket => new Regex($@"\b[Tt]icket[ =]{ticket.Groups[1].Value}\b")),
    ];

    [GeneratedRegex(@"(?<![\w:.-])(?=[\w.-]*[A-Za-z])(?=[\w.-]*\d)[\w.-]{3,}(?![\w:-])")]
    private static partial Regex Id();

    [GeneratedRegex(@"\buser\d+\b(?!-)")]
    private static partial Regex User();

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
