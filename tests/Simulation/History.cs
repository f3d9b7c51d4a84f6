namespace OrleansConcert.Simulation;

/// <summary>What happened as the clients saw it, line by line. Nothing is made into text before somebody reads it.</summary>
internal sealed class History(TimeProvider time)
{
    private static readonly int s_shown = SeedTests.From("HISTORY", 40);
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly List<Event> _events = [];

    public IEnumerable<string> Lines => _events.Select(each => each.ToString());

    public void Add(string what) => _events.Add(new(Elapsed, "", what));

    /// <summary>Somebody asks for something.</summary>
    public void Asked(string who, string what) => _events.Add(new(Elapsed, who, what));

    /// <summary>Somebody is told an answer or a failure, which must not change from here on.</summary>
    public void Told(string who, string what, object told) => _events.Add(new(Elapsed, who, what, told));

    /// <summary>The last lines, for whoever has to find out why.</summary>
    public string Tail() => string.Join('\n', _events.TakeLast(s_shown));

    private TimeSpan Elapsed => time.GetUtcNow() - _start;

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
