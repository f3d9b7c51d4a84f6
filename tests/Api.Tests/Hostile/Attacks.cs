using System.Globalization;
using System.Text;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>What can be done to a server with a socket. Each attack says how it ended: a status, or that the server closed.</summary>
internal sealed class Attacks(int port, string access)
{
    private const string Path = "/v1/users/me/wallet/charges";
    private const string Closed = "closed";

    public delegate Task<string> Attack(Random random, CancellationToken patience);

    public (string Name, Attack Run)[] All =>
    [
        .. Said.Select(said => (said.Name, (Attack)((random, patience) => Say(said.Text(random), patience)))),
        ("any bytes", (random, patience) => Say(Bytes(random, random.Next(1, 4_000)), patience)),
        ("one byte at a time", ByteByByte),
        ("half a request, then closed", (random, patience) => Half(random, wire => wire.EndSending(), patience)),
        ("half a request, then reset", (random, patience) => Half(random, wire => wire.Reset(), patience)),
        ("half a head, then silence", (_, patience) => Say("GET /v1/concerts HTTP/1.1\r\nHost: con", patience)),
        ("half a body, then silence", (_, patience) => Say(Head($"Content-Length: 1000\r\n") + "{\"amou", patience)),
        ("half a chunk, then silence", (_, patience) => Say(Head("Transfer-Encoding: chunked\r\n") + "ff\r\n{\"amou", patience)),
        ("a trickle of a body", Trickle),
        ("a pipeline", Pipeline),
        ("an answer that nobody reads", Unread),
        ("nothing, then closed", (_, patience) => Say("", wire => wire.EndSending(), patience)),
    ];

    /// <summary>Said at once; then the server has to say something or close.</summary>
    private (string Name, Func<Random, string> Text)[] Said =>
    [
        ("chunk size that is none", _ => Chunked("zz\r\n{}\r\n0\r\n\r\n")),
        ("chunk size beyond all bounds", random => Chunked($"{new string('f', random.Next(9, 60))}\r\n{{}}\r\n0\r\n\r\n")),
        ("negative chunk size", _ => Chunked("-1\r\n{}\r\n0\r\n\r\n")),
        ("chunk longer than it says", _ => Chunked("2\r\n{\"amount\":1}\r\n0\r\n\r\n")),
        ("chunk extension without end", random => Chunked($"2;{new string('x', random.Next(1, 40_000))}\r\n{{}}\r\n0\r\n\r\n")),
        ("trailers without end", random => Chunked("2\r\n{}\r\n0\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", random.Next(1, 4_000))) + "\r\n")),
        ("both a length and chunks", _ => Head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\nGET / HTTP/1.1\r\n\r\n"),
        ("two lengths", _ => Head("Content-Length: 2\r\nContent-Length: 12\r\n") + "{\"amount\":1}"),
        ("negative length", _ => Head("Content-Length: -1\r\n")),
        ("length beyond all bounds", random => Head($"Content-Length: {new string('9', random.Next(7, 40))}\r\n")),
        ("length that is none", _ => Head("Content-Length: 0x0c\r\n") + "{\"amount\":1}"),
        ("unknown transfer encoding", _ => Head("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n"),
        ("transfer encoding that ends otherwise", _ => Head("Transfer-Encoding: chunked, identity\r\n") + "0\r\n\r\n"),
        ("post without a length", _ => Head("")),
        ("huge header", random => $"GET /v1/concerts HTTP/1.1\r\nHost: c\r\nX: {new string('x', random.Next(16_000, 200_000))}\r\n\r\n"),
        ("many headers", random => "GET /v1/concerts HTTP/1.1\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", random.Next(100, 4_000))) + "\r\n"),
        ("huge target", random => $"GET /{new string('x', random.Next(8_000, 200_000))} HTTP/1.1\r\nHost: c\r\n\r\n"),
        ("bare line feeds", _ => "GET /v1/concerts HTTP/1.1\nHost: c\n\n"),
        ("bare carriage returns", _ => "GET /v1/concerts HTTP/1.1\rHost: c\r\r"),
        ("NUL in a header", _ => "GET /v1/concerts HTTP/1.1\r\nHost: c\r\nX: a\0b\r\n\r\n"),
        ("NUL in a header's name", _ => "GET /v1/concerts HTTP/1.1\r\nHost: c\r\nX\0: ab\r\n\r\n"),
        ("NUL in the target", _ => "GET /v1/\0concerts HTTP/1.1\r\nHost: c\r\n\r\n"),
        ("header folded over lines", _ => "GET /v1/concerts HTTP/1.1\r\nHost: c\r\nX: a\r\n b\r\n\r\n"),
        ("blank before the colon", _ => Head("Content-Length : 2\r\n") + "{}"),
        ("header without a name", _ => "GET /v1/concerts HTTP/1.1\r\nHost: c\r\n: x\r\n\r\n"),
        ("no host", _ => "GET /v1/concerts HTTP/1.1\r\n\r\n"),
        ("two hosts", _ => "GET /v1/concerts HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        ("HTTP/0.9", _ => "GET /v1/concerts\r\n"),
        ("HTTP/1.0", _ => "GET /v1/concerts HTTP/1.0\r\n\r\n"),
        ("HTTP/3.7", _ => "GET /v1/concerts HTTP/3.7\r\nHost: c\r\n\r\n"),
        ("HTTP/2 preface", random => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Bytes(random, random.Next(0, 100))),
        ("TLS hello", random => "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003" + Bytes(random, 200)),
        ("whole address as target", _ => "GET http://evil.example/v1/concerts HTTP/1.1\r\nHost: c\r\n\r\n"),
        ("a star as target", _ => "OPTIONS * HTTP/1.1\r\nHost: c\r\n\r\n"),
        ("CONNECT", _ => "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n"),
        ("upgrade to HTTP/2", _ => "GET /v1/concerts HTTP/1.1\r\nHost: c\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"),
        ("method of odd letters", random => $"{Values.Any(random, "G\0T", "GE T", "\u00ff", "get", new string('M', 5_000), "G(T")} / HTTP/1.1\r\nHost: c\r\n\r\n"),
        ("empty lines", random => string.Concat(Enumerable.Repeat("\r\n", random.Next(1, 20_000))) + "GET /v1/concerts HTTP/1.1\r\nHost: c\r\n\r\n"),
    ];

    private static string Chunked(string chunks) => "\0" + chunks;

    private string Head(string headers) =>
        $"POST {Path} HTTP/1.1\r\nHost: c\r\nAuthorization: Bearer {access}\r\nContent-Type: application/json\r\n{headers}\r\n";

    private static string Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    private Task<string> Say(string text, CancellationToken patience) => Say(text, _ => { }, patience);

    private async Task<string> Say(string text, Action<Wire> then, CancellationToken patience)
    {
        using var wire = await Wire.To(port);
        await wire.Send(Wire.Bytes(text is ['\0', .. var chunks] ? Head("Transfer-Encoding: chunked\r\n") + chunks : text), patience);
        then(wire);
        return await End(wire, patience);
    }

    /// <summary>The first answer; what is no HTTP/1.1 must be followed by the end of the connection.</summary>
    private static async Task<string> End(Wire wire, CancellationToken patience)
    {
        try
        {
            return await wire.Receive(toHead: false, patience) is { } answer
                ? answer.Status.ToString(CultureInfo.InvariantCulture)
                : Closed;
        }
        catch (InvalidDataException)
        {
            await wire.ReceiveAll(patience);
            return "closed with other words";
        }
    }

    private async Task<string> ByteByByte(Random random, CancellationToken patience)
    {
        using var wire = await Wire.To(port);
        var text = random.Next(2) == 0
            ? "GET /v1/concerts HTTP/1.1\r\nHost: c\r\n\r\n"
            : $"POST {Path} HTTP/1.1\r\nHost: c\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}";
        foreach (var one in Wire.Bytes(text))
        {
            await wire.Send(new[] { one }, patience);
            await Task.Yield();
        }

        return await End(wire, patience);
    }

    private async Task<string> Half(Random random, Action<Wire> then, CancellationToken patience)
    {
        using var wire = await Wire.To(port);
        var text = Head("Content-Length: 12\r\n") + "{\"amount\":1}";
        await wire.Send(Wire.Bytes(text[..random.Next(1, text.Length)]), patience);
        then(wire);
        try
        {
            return await End(wire, patience);
        }
        catch (ObjectDisposedException)
        {
            return "reset by us";
        }
    }

    /// <summary>A body of which a byte comes now and then: slower than anybody types.</summary>
    private async Task<string> Trickle(Random random, CancellationToken patience)
    {
        using var wire = await Wire.To(port);
        await wire.Send(Wire.Bytes(Head("Content-Length: 60000\r\n") + "{"), patience);
        var ended = End(wire, patience);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(20, 200)));
        while (!ended.IsCompleted && await pace.WaitForNextTickAsync(patience))
        {
            await wire.Send(" "u8.ToArray(), patience);
        }

        return await ended;
    }

    /// <summary>Many requests before the first answer, each of which is answered in its turn.</summary>
    private async Task<string> Pipeline(Random random, CancellationToken patience)
    {
        using var wire = await Wire.To(port);
        var count = random.Next(2, 60);
        var asked = Enumerable.Range(0, count).Select(_ => random.Next(2) == 0).ToList();
        await wire.Send(
            Wire.Bytes(string.Concat(asked.Select(known => $"GET /{(known ? "health/live" : "nothing")} HTTP/1.1\r\nHost: c\r\n\r\n"))), patience);
        foreach (var known in asked)
        {
            var answer = await wire.Receive(toHead: false, patience);
            if (answer?.Status != (known ? 200 : 404))
            {
                throw new InvalidDataException($"A pipelined request was answered {answer?.Status}.");
            }
        }

        return "all answered";
    }

    private async Task<string> Unread(Random random, CancellationToken patience)
    {
        using var wire = await Wire.To(port);
        await wire.Send(Wire.Bytes(string.Concat(Enumerable.Repeat("GET /v1/concerts HTTP/1.1\r\nHost: c\r\n\r\n", 200))), patience);
        wire.Reset();
        return "reset by us";
    }
}
