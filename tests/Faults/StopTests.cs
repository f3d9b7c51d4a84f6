using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Faults;

/// <summary>A server that is asked to stop.</summary>
public sealed class StopTests(ITestOutputHelper output)
{
    private const int Buyers = 20;

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_stop_under_load_answers_what_it_accepted_and_exits_0_within_10_seconds()
    {
        var random = new Random(1);
        var findings = new Findings();
        var sale = new Sale();
        using var folder = new TemporaryFolder();
        await using var server = Server.Launch(folder.Store, FreePorts.Next());
        await server.Ready();
        using var client = new Client(server.Address);
        var buyers = await Open(sale, client, findings, random);

        using var stop = new CancellationTokenSource(StopPatience);
        var shopping = Task.WhenAll(buyers.Select(buyer => buyer.Shop(client, stop.Token)));
        while (sale.Acknowledged < 200)
        {
            await Task.Delay(1);
        }

        // Accepted: it has the head of the request and waits for the rest.
        using var accepted = await HalfSent.To(server, await client.SignIn("late"), """{"amount":1000}""");
        server.Terminate();
        await accepted.UntilOthersAreRefused(server);
        Assert.Contains("201 Created", await accepted.Finish(), StringComparison.Ordinal);

        Assert.Equal(0, await server.Exit(StopPatience));
        await shopping;
        Assert.Empty(server.Errors);

        await using var again = Server.Launch(folder.Store, FreePorts.Next());
        await again.Ready();
        using var second = new Client(again.Address);
        var late = new Request(HttpMethod.Get, "/v1/users/me/wallet") { Access = await second.SignIn("late") };
        Assert.Equal(1_000, (await second.Ask(late)).Number("balance"));
        await new Inspection(second, sale, buyers, findings, random) { OthersCharged = 1_000 }.Inspect([]);
        Assert.False(findings.Any, $"{findings}\n{server.Output}\n{again.Output}");
    }

    [Fact]
    public async Task Whoever_turns_away_when_it_is_ready_no_more_loses_no_call()
    {
        var (rounds, seed) = (Rounds.Of("STOPS", 2), Rounds.Seed());
        var random = new Random(seed);
        var findings = new Findings();
        var slowest = TimeSpan.Zero;
        for (var round = 1; round <= rounds && !findings.Any; round++)
        {
            var took = await StopUnderLoad(random, findings);
            slowest = took > slowest ? took : slowest;
            Rounds.Progress($"stop {round} of {rounds}: exit 0 after {took.TotalSeconds:F1} s");
        }

        output.WriteLine($"SEED={seed}: {rounds} stops, every call answered, the slowest in {slowest.TotalSeconds:F1} s");
        Assert.False(findings.Any, $"SEED={seed}: {findings}");
    }

    private static async Task<TimeSpan> StopUnderLoad(Random random, Findings findings)
    {
        var sale = new Sale();
        using var folder = new TemporaryFolder();
        await using var server = Server.Launch(folder.Store, FreePorts.Next());
        await server.Ready();
        using var client = new Client(server.Address);
        var buyers = await Open(sale, client, findings, random);

        // What a load balancer does: it asks whether the server is ready, and sends it calls until it says no.
        using var turned = new CancellationTokenSource(StopPatience);
        var shopping = Task.WhenAll(buyers.Select(buyer => buyer.Shop(client, turned.Token)));
        var enough = random.Next(100, 600);
        while (sale.Acknowledged < enough && !shopping.IsCompleted)
        {
            await Task.Delay(1);
        }

        var stopping = Stopwatch.StartNew();
        server.Terminate();
        bool? ready;
        while ((ready = await server.IsReady()) == true && stopping.Elapsed < StopPatience)
        {
            await Task.Delay(10);
        }

        var told = sale.Acknowledged;
        findings.Unless(ready == false, $"it took no calls any more before it said so, after {stopping.Elapsed}");
        await turned.CancelAsync();
        await shopping;
        findings.Unless(told > enough, "nobody was served between the signal and the notice");
        findings.Unless(!buyers.Exists(buyer => buyer.HasPending), $"calls were not answered: {buyers.Count(buyer => buyer.HasPending)}");
        var code = await server.Exit(StopPatience);
        findings.Unless(code == 0, $"it did not exit with 0 within {StopPatience}, but {code}\n{server.Errors}\n{server.Output}");
        findings.Unless(server.Errors.Length == 0, server.Errors);
        var took = stopping.Elapsed;

        await using var again = Server.Launch(folder.Store, FreePorts.Next());
        await again.Ready();
        using var second = new Client(again.Address);
        await new Inspection(second, sale, buyers, findings, random).Inspect([]);
        return took;
    }

    /// <summary>Opens the sale of one schedule, and signs its buyers in.</summary>
    private static async Task<List<Buyer>> Open(Sale sale, Client client, Findings findings, Random random)
    {
        await sale.Open(client);
        await sale.AddSchedules(client, 1);
        return await Buyer.SignIn(Buyers, client, sale, new(), findings, random);
    }

    /// <summary>A charge of which the server has the head and half of the body.</summary>
    private sealed class HalfSent : IDisposable
    {
        private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);
        private string _rest = "";

        public static async Task<HalfSent> To(Server server, string access, string body)
        {
            var half = new HalfSent { _rest = body[1..] };
            await half._socket.ConnectAsync("127.0.0.1", server.Port);
            await half.Send(
                $"POST /v1/users/me/wallet/charges HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {access}\r\n" +
                $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\nExpect: 100-continue\r\n\r\n");

            // The server asks for the body once somebody reads it: the call runs.
            Assert.StartsWith("HTTP/1.1 100", await half.Receive(), StringComparison.Ordinal);
            await half.Send(body[..1]);
            return half;
        }

        /// <summary>Waits until the server takes no new connection: it is stopping.</summary>
        public async Task UntilOthersAreRefused(Server server)
        {
            for (var waited = Stopwatch.StartNew(); waited.Elapsed < StopPatience;)
            {
                using var other = new Socket(SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    await other.ConnectAsync("127.0.0.1", server.Port);
                }
                catch (SocketException)
                {
                    return;
                }

                await Task.Delay(5);
            }
        }

        public async Task<string> Finish()
        {
            await Send(_rest);
            return await Receive();
        }

        public void Dispose() => _socket.Dispose();

        private async Task Send(string text) => await _socket.SendAsync(Encoding.ASCII.GetBytes(text));

        private async Task<string> Receive()
        {
            var buffer = new byte[4096];
            return Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer));
        }
    }
}
