using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansConcert.Faults;

/// <summary>One call as its client saw it; instants by the monotonic counter.</summary>
internal sealed record Sighting(Request Request, Reply? Reply, long Asked, long Answered)
{
    public TimeSpan Took => Stopwatch.GetElapsedTime(Asked, Answered);

    public override string ToString() => $"{Request.Method} {Request.Path} was answered {Reply} after {Took.TotalMilliseconds:F0} ms";
}

/// <summary>What clients see of a server: every call they make, and how it says it is.</summary>
internal sealed class Sightings
{
    private static readonly Request s_live = new(HttpMethod.Get, "/health/live");
    private static readonly Request s_ready = new(HttpMethod.Get, "/health/ready");
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<Sighting> _all = [];

    public void Note(Request request, Reply? reply, long asked) => _all.Enqueue(new(request, reply, asked, Stopwatch.GetTimestamp()));

    /// <summary>Forgets what was seen so far, which is judged.</summary>
    public void Forget() => _all.Clear();

    /// <summary>All that was answered from then on, but for what is asked of its health.</summary>
    public IReadOnlyList<Sighting> Calls(long from) => [.. Since(from).Where(one => one.Request != s_live && one.Request != s_ready)];

    public IReadOnlyList<Sighting> Live(long from) => [.. Since(from).Where(one => one.Request == s_live)];

    public IReadOnlyList<Sighting> Ready(long from) => [.. Since(from).Where(one => one.Request == s_ready)];

    /// <summary>Asks how the server is, again and again.</summary>
    public static async Task Watch(Client client, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.WhenAll(client.Send(s_live, stop), client.Send(s_ready, stop));
            await Task.Delay(LookAgain, CancellationToken.None);
        }
    }

    private IEnumerable<Sighting> Since(long from) => _all.Where(one => one.Answered >= from);
}
