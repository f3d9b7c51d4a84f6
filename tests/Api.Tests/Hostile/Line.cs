using System.Diagnostics;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>One connection after another: a new one where the server has closed the last.</summary>
internal sealed class Line(int port) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly byte[] Probe = Wire.Bytes("GET /health/live HTTP/1.1\r\nHost: concert\r\nConnection: close\r\n\r\n");

    private Wire? _wire;

    /// <summary>What was asked before on the same connection.</summary>
    public Shot? Last { get; private set; }

    /// <summary>Sends it and waits for its answer; null where the server closed without one.</summary>
    /// <exception cref="TimeoutException">It hangs: others are answered meanwhile.</exception>
    public async Task<Answer?> Ask(Shot shot)
    {
        if (_wire is null)
        {
            (_wire, Last) = (await Wire.To(port), null);
        }

        var asking = Exchange(_wire, shot);
        if (!await EndsBefore(port, asking))
        {
            throw new TimeoutException($"no answer within {Patience.TotalSeconds} s");
        }

        var answer = await asking;
        if (answer is null || answer.Closes)
        {
            Dispose();
        }
        else
        {
            Last = shot;
        }

        return answer;
    }

    /// <summary>
    /// Whether something ends within 5 seconds, or as soon as a probe sent after them does: on a machine that has much else to do,
    /// slow is not hung.
    /// </summary>
    public static async Task<bool> EndsBefore(int port, Task asking)
    {
        while (await Task.WhenAny(asking, Task.Delay(Patience)) != asking)
        {
            using var probe = await Wire.To(port);
            var watch = Stopwatch.StartNew();
            await probe.Send(Probe, default);
            await probe.Receive(toHead: false, default);
            if (watch.Elapsed < Patience / 5)
            {
                return await Task.WhenAny(asking, Task.Delay(Patience / 5)) == asking;
            }
        }

        return true;
    }

    public void Dispose()
    {
        _wire?.Dispose();
        _wire = null;
    }

    private static async Task<Answer?> Exchange(Wire wire, Shot shot)
    {
        await wire.Send(shot.ToBytes(), default);
        return await wire.Receive(shot.Method == "HEAD", default);
    }
}
