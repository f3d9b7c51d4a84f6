using System.Net;
using System.Net.Sockets;

namespace OrleansConcert.Postgres;

/// <summary>Ports for the servers of tests: nobody listens there, and they are below those that the system gives to clients.</summary>
public static class FreePorts
{
    private const int First = 20_000;
    private const int End = 32_000;

    /// <summary>By chance without a seed: who runs the tests twice at once must not meet.</summary>
    private static int s_next = new Random().Next(First, End);

    /// <summary>One that nobody else in this process was given lately.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref s_next) % (End - First));
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it; the next.
            }
        }
    }
}
