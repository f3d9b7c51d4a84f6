using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansConcert.Faults;

/// <summary>One open stream of events on a socket of its own; it notes when what it was shown came.</summary>
internal sealed class Listener(string path, string queue) : IDisposable
{
    private const int BufferBytes = 2_048;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Dictionary<long, long> _cameAt = [];
    private readonly StringBuilder _line = new();

    /// <summary>What the last event says, whole.</summary>
    public string Last { get; private set; } = "";

    /// <summary>The status line of the answer.</summary>
    public string Status { get; private set; } = "";

    public bool IsRefused => Status.Length > 0 && !Status.Contains("200", StringComparison.Ordinal);

    public bool HasEnded { get; private set; }

    public async Task Open(int port)
    {
        await _socket.ConnectAsync(IPAddress.Loopback, port);
        var request = $"GET {path} HTTP/1.1\r\nHost: stream\r\nAccept: text/event-stream\r\nQueue-Token: {queue}\r\n\r\n";
        await _socket.SendAsync(Encoding.ASCII.GetBytes(request));
        _ = Listen();
    }

    /// <summary>When an event came in which that member had that value: a timestamp of the monotonic counter.</summary>
    public long? CameAt(long value)
    {
        lock (_cameAt)
        {
            return _cameAt.TryGetValue(value, out var at) ? at : null;
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task Listen()
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await _socket.ReceiveAsync(buffer) is > 0 and var count)
            {
                foreach (var letter in Encoding.UTF8.GetString(buffer, 0, count))
                {
                    Take(letter);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The other side, or this one, has closed it.
        }

        HasEnded = true;
    }

    private void Take(char letter)
    {
        if (letter != '\n')
        {
            _line.Append(letter);
            return;
        }

        var line = _line.ToString();
        _line.Clear();
        Status = Status.Length == 0 ? line : Status;
        if (line.StartsWith("data: ", StringComparison.Ordinal))
        {
            Last = line["data: ".Length..];
            lock (_cameAt)
            {
                _cameAt.TryAdd(Number(Last, "\"position\":") ?? Number(Last, "\"version\":") ?? -1, Stopwatch.GetTimestamp());
            }
        }
    }

    private static long? Number(string json, string member)
    {
        var start = json.IndexOf(member, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var digits = json.AsSpan(start + member.Length);
        return long.Parse(digits[..digits.IndexOfAnyExceptInRange('0', '9')], System.Globalization.CultureInfo.InvariantCulture);
    }
}
