using System.Globalization;
using System.Text;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>One request, in bytes that are written as characters.</summary>
internal sealed record Shot(string Method, string Target)
{
    public List<(string Name, string Value)> Headers { get; init; } = [];

    public string? Body { get; set; }

    public bool Chunked { get; set; }

    /// <summary>The call of the contract that it began as; null for a path that is none.</summary>
    public Operation? Operation { get; init; }

    /// <summary>Whether the server may refuse it as no HTTP, with a bare status and without a problem.</summary>
    public bool MayBeNoHttp { get; set; }

    public byte[] ToBytes()
    {
        var text = new StringBuilder($"{Method} {Target} HTTP/1.1\r\nHost: concert\r\n");
        foreach (var (name, value) in Headers)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (Body is null)
        {
            return Wire.Bytes(text.Append("\r\n").ToString());
        }

        _ = Chunked
            ? text.Append("Transfer-Encoding: chunked\r\n\r\n").Append(Chunks(Body))
            : text.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n\r\n{Body}");
        return Wire.Bytes(text.ToString());
    }

    /// <summary>A command that sends it again.</summary>
    public string ToCurl(Uri server)
    {
        var curl = new StringBuilder("curl -sS -i -g --path-as-is");
        curl.Append(CultureInfo.InvariantCulture, $" -X {Quote(Method)} -H 'Host: concert'");
        foreach (var (name, value) in Headers)
        {
            // A header without a value is one with a semicolon, to curl.
            curl.Append(CultureInfo.InvariantCulture, $" -H {Quote(value.Length == 0 ? name + ";" : $"{name}: {value}")}");
        }

        if (Chunked)
        {
            curl.Append(" -H 'Transfer-Encoding: chunked'");
        }

        var command = $"{curl} {(Body is null ? "" : "--data-binary @- ")}{Quote(server.ToString().TrimEnd('/') + Target)}";
        return Body is null ? command : $"printf %b {Quote(Escape(Body))} | {command}";
    }

    private static string Chunks(string body)
    {
        var text = new StringBuilder();
        for (var at = 0; at < body.Length; at += 1000)
        {
            var chunk = body[at..Math.Min(body.Length, at + 1000)];
            text.Append(CultureInfo.InvariantCulture, $"{chunk.Length:x}\r\n{chunk}\r\n");
        }

        return text.Append("0\r\n\r\n").ToString();
    }

    private static string Quote(string text) => text.All(one => one is >= ' ' and <= '~' and not '\'')
        ? $"'{text}'"
        : $"$'{Escape(text).Replace("'", "\\'", StringComparison.Ordinal)}'";

    private static string Escape(string text) => string.Concat(text.Select(one => one switch
    {
        '\\' => @"\\",
        >= ' ' and <= '~' => $"{one}",
        _ => $@"\x{(int)one:x2}",
    }));
}
