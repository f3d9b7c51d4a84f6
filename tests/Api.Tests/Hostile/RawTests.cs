using System.Collections.Concurrent;
using System.Globalization;
using Xunit.Abstractions;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>Connections that speak no HTTP, or stop speaking it: each ends, and nobody else notices.</summary>
public sealed class RawTests(ITestOutputHelper output) : IDisposable
{
    private const int AtOnce = 64;
    private const int Idle = 300;

    /// <summary>What the server waits for a head, or for a body to go on, and a moment more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("concert-raw-");
    private readonly ConcurrentQueue<string> _findings = [];
    private readonly ConcurrentDictionary<string, int> _ends = [];

    [Fact]
    public async Task Every_connection_ends_and_the_server_goes_on()
    {
        var count = Number("SOCKETS", 400);
        var seed = Number("SEED", Environment.TickCount & int.MaxValue);
        await using var own = new Disposing(await Server.Start(await StoreOfTests.In(_folder.FullName)));
        var port = own.Server.Client.BaseAddress!.Port;
        var user = await own.Server.User();
        var attacks = new Attacks(port, user.Access!);
        using var over = new CancellationTokenSource();
        var others = Others(own.Server, user, over.Token);
        var idle = await Task.WhenAll(Enumerable.Range(0, Idle).Select(_ => Wire.To(port)));
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
            await Attack(attacks, number, unchecked((seed * 1_000_003) + number)));
        idle.ToList().ForEach(wire => wire.Dispose());
        await over.CancelAsync();
        var charges = await others;
        output.WriteLine(
            $"{count} connections, SEED={seed}, {charges} calls of others meanwhile\n"
            + string.Join('\n', _ends.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value,6} {pair.Key}")));
        Assert.True(_findings.IsEmpty, $"SEED={seed} SOCKETS={count}\n{string.Join('\n', _findings.Take(10))}");
        Assert.Equal(charges, (await own.Server.Get("/v1/users/me/wallet", user))["balance"].GetInt64());
        await own.Server.Until(inFlight: 0);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task Attack(Attacks attacks, int number, int seed)
    {
        var random = new Random(seed);
        var (name, attack) = Values.Any(random, attacks.All);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var end = await attack(random, patience.Token);
            _ends.AddOrUpdate($"{name}: {end}", 1, (_, count) => count + 1);
            if (end.StartsWith('5') && end != "505")
            {
                _findings.Enqueue($"connection {number}, {name}: {end}");
            }
        }
        catch (OperationCanceledException)
        {
            _findings.Enqueue($"connection {number}, {name}: still open after {Patience.TotalSeconds} s");
        }
        catch (InvalidDataException exception)
        {
            _findings.Enqueue($"connection {number}, {name}: {exception.Message}");
        }
    }

    /// <summary>Somebody who goes on charging a wallet, and is answered all the time.</summary>
    private async Task<long> Others(Server server, Visitor user, CancellationToken over)
    {
        for (var done = 0L; ; done++)
        {
            if (over.IsCancellationRequested)
            {
                return done;
            }

            var asking = server.Post("/v1/users/me/wallet/charges", user, """{"amount":1}""");
            if (!await Line.EndsBefore(server.Client.BaseAddress!.Port, asking))
            {
                _findings.Enqueue("Somebody else was not answered.");
            }

            (await asking).Is(HttpStatusCode.Created);
        }
    }

    private static int Number(string variable, int otherwise) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : otherwise;
}
