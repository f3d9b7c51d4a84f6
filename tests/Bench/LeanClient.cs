using System.Buffers.Text;
using System.Diagnostics;
using System.Net.Sockets;

namespace OrleansConcert.Bench;

/// <summary>What came of one round: how many answers a second, how many were not 2xx, and what one cost the server.</summary>
/// <param name="MicrosecondsEach">Of the server's processor time.</param>
internal sealed record Round(double AnswersASecond, long Refused, double MicrosecondsEach);

/// <summary>
/// A client that costs little beside the server that it measures: connections that are kept, one request at a time on each, no more
/// of HTTP than the status and the length of an answer.
/// </summary>
internal sealed class LeanClient : IDisposable
{
    private readonly Connection[] _connections;

    private LeanClient(Connection[] connections) => _connections = connections;

    public static async Task<LeanClient> Connect(int port, int connections)
    {
        var all = new Connection[connections];
        for (var i = 0; i < connections; i++)
        {
            all[i] = await Connection.Open(port);
        }

        return new(all);
    }

    /// <summary>Sends requests for so long on every connection, each as soon as the last is answered.</summary>
    /// <param name="next">The next request; called from several threads.</param>
    public Task<Round> Run(ServerProcess server, double seconds, Func<ReadOnlyMemory<byte>> next) => Run(server, seconds, () => next);

    /// <summary>The same, each connection with requests of its own.</summary>
    public async Task<Round> Run(ServerProcess server, double seconds, Func<Func<ReadOnlyMemory<byte>>> requests)
    {
        var (start, used, answers, refused) = (Stopwatch.GetTimestamp(), server.Used, 0L, 0L);
        await Task.WhenAll(_connections.Select(connection => Task.Run(async () =>
        {
            var (mine, not, next) = (0L, 0L, requests());
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
            {
                var status = await connection.Ask(next());
                mine++;
                not += status / 100 == 2 ? 0 : 1;
            }

            Interlocked.Add(ref answers, mine);
            Interlocked.Add(ref refused, not);
        })));
        return new(
            answers / Stopwatch.GetElapsedTime(start).TotalSeconds, refused, (server.Used - used).TotalMicroseconds / answers);
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }
    }

    private sealed class Connection(Socket socket) : IDisposable
    {
        private readonly byte[] _buffer = new byte[64 * 1024];

        public static async Task<Connection> Open(int port)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync("127.0.0.1", port);
            return new(socket);
        }

        public async ValueTask<int> Ask(ReadOnlyMemory<byte> request)
        {
            await socket.SendAsync(request);
            for (var (have, end) = (0, int.MaxValue); ;)
            {
                var got = await socket.ReceiveAsync(_buffer.AsMemory(have));
                if (got == 0)
                {
                    throw new IOException("The server closed the connection.");
                }

                have += got;
                end = end < int.MaxValue ? end : EndOf(_buffer.AsSpan(0, have));
                if (have >= end)
                {
                    return ((_buffer[9] - '0') * 100) + ((_buffer[10] - '0') * 10) + (_buffer[11] - '0');
                }
            }
        }

        public void Dispose() => socket.Dispose();

        /// <summary>Where the answer ends, as soon as its head is there.</summary>
        private static int EndOf(ReadOnlySpan<byte> answer)
        {
            var head = answer.IndexOf("\r\n\r\n"u8);
            if (head < 0)
            {
                return int.MaxValue;
            }

            var name = "\r\nContent-Length: "u8;
            var length = answer[..head].IndexOf(name);
            return length >= 0 && Utf8Parser.TryParse(answer[(length + name.Length)..], out int body, out _)
                ? head + 4 + body
                : head + 4;
        }
    }
}
