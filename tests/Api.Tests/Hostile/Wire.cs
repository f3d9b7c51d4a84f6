using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>A connection that sends any bytes at all, and reads what comes back as HTTP/1.1.</summary>
internal sealed class Wire : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly MemoryStream _read = new();
    private int _used;

    public static async Task<Wire> To(int port)
    {
        var wire = new Wire();
        await wire._socket.ConnectAsync("127.0.0.1", port);
        return wire;
    }

    /// <summary>Bytes as text and text as bytes: every character is one byte.</summary>
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>A text in UTF-8, one character a byte.</summary>
    public static string Utf8(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends; false where the server has closed.</summary>
    public async Task<bool> Send(ReadOnlyMemory<byte> bytes, CancellationToken patience)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, patience)..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Says that nothing more will be sent.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends at once, as a process does that is killed.</summary>
    public void Reset()
    {
        _socket.LingerState = new(true, 0);
        _socket.Close();
    }

    /// <summary>The next answer; null where the server closed without one.</summary>
    /// <param name="toHead">Whether it answers a HEAD, and has no body whatever its headers say.</param>
    /// <exception cref="InvalidDataException">It is no HTTP.</exception>
    public async Task<Answer?> Receive(bool toHead, CancellationToken patience)
    {
        while (true)
        {
            if (await ReceiveHead(patience) is not { } head)
            {
                return null;
            }

            if (head.Status >= 200)
            {
                var hasBody = !toHead && !head.IsStream && head.Status is not (204 or 304);
                return head with { Body = hasBody ? Decoded(head, await ReceiveBody(head, patience)) : [] };
            }
        }
    }

    /// <summary>Reads until the server closes.</summary>
    public async Task<string> ReceiveAll(CancellationToken patience)
    {
        while (await More(patience))
        {
        }

        return Encoding.Latin1.GetString(_read.GetBuffer(), _used, (int)_read.Length - _used);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _read.Dispose();
    }

    private async Task<Answer?> ReceiveHead(CancellationToken patience)
    {
        int end;
        while ((end = Unread.IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await More(patience))
            {
                return Unread.IsEmpty
                    ? null
                    : throw new InvalidDataException($"The answer ends in its head: {Encoding.Latin1.GetString(Unread)}");
            }
        }

        var lines = Encoding.Latin1.GetString(Unread[..end]).Split("\r\n");
        _used += end + 4;
        return lines[0].StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
            && int.TryParse(lines[0].AsSpan(9, Math.Min(3, lines[0].Length - 9)), CultureInfo.InvariantCulture, out var status)
                ? new(status, [.. lines.Skip(1).Select(Header)], [])
                : throw new InvalidDataException($"No status line: {lines[0]}");
    }

    private static (string Name, string Value) Header(string line) => line.Split(": ", 2) is [var name, var value]
        ? (name, value)
        : throw new InvalidDataException($"No header: {line}");

    private async Task<byte[]> ReceiveBody(Answer head, CancellationToken patience)
    {
        if (head.Header("Content-Length") is { } length)
        {
            return await Take(int.Parse(length, CultureInfo.InvariantCulture), patience);
        }

        if (head.Header("Transfer-Encoding") != "chunked")
        {
            throw new InvalidDataException("An answer has neither a length nor chunks.");
        }

        var body = new MemoryStream();
        while (int.Parse(await Line(patience), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
        {
            body.Write(await Take(size, patience));
            await Line(patience);
        }

        await Line(patience);
        return body.ToArray();
    }

    private async Task<string> Line(CancellationToken patience)
    {
        int end;
        while ((end = Unread.IndexOf("\r\n"u8)) < 0)
        {
            _ = await More(patience) ? 0 : throw new InvalidDataException("The answer ends in a chunk.");
        }

        return Encoding.Latin1.GetString(await Take(end + 2, patience), 0, end);
    }

    private async Task<byte[]> Take(int count, CancellationToken patience)
    {
        while (Unread.Length < count)
        {
            _ = await More(patience) ? 0 : throw new InvalidDataException("The answer ends in its body.");
        }

        var taken = Unread[..count].ToArray();
        _used += count;
        return taken;
    }

    private ReadOnlySpan<byte> Unread => _read.GetBuffer().AsSpan(_used, (int)_read.Length - _used);

    private async Task<bool> More(CancellationToken patience)
    {
        if (_used == _read.Length)
        {
            _read.SetLength(0);
            _used = 0;
        }

        try
        {
            var count = await _socket.ReceiveAsync(_buffer, patience);
            _read.Write(_buffer, 0, count);
            return count > 0;
        }
        catch (SocketException)
        {
            // Reset: closed, too.
            return false;
        }
    }

    private static byte[] Decoded(Answer head, byte[] body)
    {
        using Stream? decoding = head.Header("Content-Encoding") switch
        {
            "br" => new BrotliStream(new MemoryStream(body), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(body), CompressionMode.Decompress),
            _ => null,
        };
        if (decoding is null)
        {
            return body;
        }

        using var decoded = new MemoryStream();
        decoding.CopyTo(decoded);
        return decoded.ToArray();
    }
}

/// <summary>What the server said.</summary>
internal sealed record Answer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>Whether it goes on until the client closes the connection.</summary>
    public bool IsStream => Header("Content-Type") == "text/event-stream";

    /// <summary>Whether nothing else can be asked on the same connection.</summary>
    public bool Closes => IsStream || Header("Connection") == "close";

    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) =>
        Headers.FirstOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
