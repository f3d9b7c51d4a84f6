using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansConcert.Api.Streams;

namespace OrleansConcert.Api.Tests;

/// <summary>Something read from a stream: an event, or a line that is none.</summary>
/// <param name="Name">The name of the event, <c>retry</c>, or nothing for a comment.</param>
public sealed record Received(string Name, string? Id, string Data)
{
    public JsonElement Json => JsonDocument.Parse(Data).RootElement;
}

/// <summary>A stream of events, read as it comes.</summary>
public sealed class EventReader(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public HttpResponseMessage Response => response;

    /// <summary>What comes next, or null where the stream has ended in order.</summary>
    public async Task<Received?> NextOfAny()
    {
        var (name, id, data) = ("", (string?)null, "");
        while (await reader.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            switch (line.Split(": ", 2))
            {
                case ["event", var value]:
                    name = value;
                    break;
                case ["id", var value]:
                    id = value;
                    break;
                case ["data" or "retry", var value]:
                    (name, data) = (line.StartsWith("retry", StringComparison.Ordinal) ? "retry" : name, value);
                    break;
                case [""]:
                    return new(name, id, data);
            }
        }

        return null;
    }

    /// <summary>The next event.</summary>
    public async Task<Received> Next()
    {
        while (true)
        {
            var next = await NextOfAny();
            Assert.True(next is not null, "The stream has ended.");
            if (next.Name is not ("" or "retry"))
            {
                return next;
            }
        }
    }

    /// <summary>Reads to the end.</summary>
    public async Task<List<Received>> Rest()
    {
        var rest = new List<Received>();
        while (await NextOfAny() is { } next)
        {
            rest.Add(next);
        }

        return rest;
    }

    public void Dispose() => response.Dispose();
}

/// <summary>How tests open streams, and let time pass for them.</summary>
public static class Streaming
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    /// <summary>Opens a stream, which must be opened.</summary>
    public static async Task<EventReader> Follow(this Server server, string path, Visitor visitor, string? lastEventId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        visitor.Sign(request);
        var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {path}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        server.Note(HttpMethod.Get, path);
        return new(response, new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8));
    }

    public static Task<EventReader> FollowSeats(
        this Server server, Sale sale, Visitor visitor, long? since = null, string? lastEventId = null)
    {
        var query = since is { } version ? $"?since={Text(version)}" : "";
        return server.Follow($"/v1/schedules/{sale.ScheduleId}/seats/events{query}", visitor, lastEventId);
    }

    public static Task<EventReader> FollowToken(this Server server, Visitor visitor) =>
        server.Follow("/v1/queue-tokens/me/events", visitor);

    /// <summary>Lets time pass: every stream is told all that is new at each step of the way.</summary>
    public static async Task Pass(this Server server, TimeSpan time)
    {
        await server.Quiet();
        for (var left = time; left > TimeSpan.Zero; left -= Step)
        {
            server.Time.Advance(left < Step ? left : Step);
            await server.Quiet();
        }
    }

    /// <summary>Waits until every stream has been told what is known.</summary>
    public static Task Quiet(this Server server) =>
        Until(() => server.App.Services.GetRequiredService<Feeds>().AreQuiet, "The feeds never came to rest.");

    /// <summary>Waits until so many streams are open.</summary>
    public static Task UntilOpen(this Server server, int count) =>
        Until(() => server.App.Services.GetRequiredService<OpenStreams>().Count == count, $"There were never {count} streams.");

    private static async Task Until(Func<bool> holds, string otherwise)
    {
        for (var patience = System.Diagnostics.Stopwatch.StartNew(); !holds();)
        {
            await Task.Yield();
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(10), otherwise);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
