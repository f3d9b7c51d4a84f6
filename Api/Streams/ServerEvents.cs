using System.Buffers;
using System.Globalization;
using System.Text;

namespace OrleansConcert.Api.Streams;

/// <summary>How events are written (WHATWG HTML, server-sent events).</summary>
internal static class ServerEvents
{
    public const string MediaType = "text/event-stream";

    /// <summary>Says nothing, but that the stream is open.</summary>
    public static readonly ReadOnlyMemory<byte> Comment = ":\n\n"u8.ToArray();

    private static ReadOnlySpan<byte> Data => "data: "u8;

    private static ReadOnlySpan<byte> End => "\n\n"u8;

    /// <summary>The id of the last event that the client has; null where it has none, or one that was not given here.</summary>
    public static long? IdIn(IHeaderDictionary headers) =>
        long.TryParse(headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Asks the client to come back after so long, should the stream end.</summary>
    public static ReadOnlyMemory<byte> Retry(TimeSpan after) => Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"retry: {(long)after.TotalMilliseconds}\n\n"));

    /// <summary>An event with an id from which the client can go on.</summary>
    public static ReadOnlyMemory<byte> Write(string name, long id, ReadOnlySpan<byte> json) =>
        Compose(string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {id}\n"), json);

    public static ReadOnlyMemory<byte> Write(string name, ReadOnlySpan<byte> json) => Compose($"event: {name}\n", json);

    /// <summary>The JSON within an event that was written here.</summary>
    public static ReadOnlyMemory<byte> DataOf(ReadOnlyMemory<byte> written) =>
        written[(written.Span.IndexOf(Data) + Data.Length)..^End.Length];

    /// <summary>JSON as we write it has no line breaks, so it is one line of data.</summary>
    private static ReadOnlyMemory<byte> Compose(string head, ReadOnlySpan<byte> json)
    {
        var bytes = new ArrayBufferWriter<byte>(head.Length + Data.Length + json.Length + End.Length);
        Encoding.ASCII.GetBytes(head, bytes);
        bytes.Write(Data);
        bytes.Write(json);
        bytes.Write(End);
        return bytes.WrittenMemory;
    }
}
