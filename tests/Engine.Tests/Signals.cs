using System.Collections.Concurrent;
using System.Threading.Channels;

namespace OrleansConcert.Engine.Tests;

/// <summary>How a test holds a grain up and hears from it. Silo and test share a process on either engine.</summary>
public static class Signals
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly ConcurrentDictionary<string, TaskCompletionSource> s_gates = new();
    private static readonly ConcurrentDictionary<string, Channel<string>> s_news = new();

    /// <summary>A gate that stays shut until the test opens it.</summary>
    public static Task Gate(string name) => GateOf(name).Task;

    public static void Open(string name) => GateOf(name).TrySetResult();

    /// <summary>Says something to the test.</summary>
    public static void Say(string name, string text) => NewsOf(name).Writer.TryWrite(text);

    /// <summary>Hears the next thing said, and waits for it.</summary>
    public static Task<string> Hear(string name) => NewsOf(name).Reader.ReadAsync().AsTask().WaitAsync(Limit);

    public static bool HeardNothing(string name) => !NewsOf(name).Reader.TryPeek(out _);

    private static TaskCompletionSource GateOf(string name) =>
        s_gates.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private static Channel<string> NewsOf(string name) => s_news.GetOrAdd(name, static _ => Channel.CreateUnbounded<string>());
}
