using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansConcert.Domain;
using OrleansConcert.Domain.Access;

namespace OrleansConcert.Api.Tests;

/// <summary>Tokens that are not ours, or are over: none is accepted, and none costs more than looking at it.</summary>
public sealed class ForgeryTests
{
    private const int Seeds = 100;
    private const int TokensPerSeed = 10_000;
    private const int GenuinePerSeed = 100;
    private const int EachOverHttp = 200;

    private static readonly string[] Kinds = [.. Forger.Kinds.Keys];
    private static readonly FakeTime Time = new();
    private static readonly KeyRing Keys = new([Key(1), Key(2)]);
    private static readonly Credentials Credentials = new(Keys, Time);

    /// <summary>How tokens are sent: the header, what stands before the token, and a genuine one.</summary>
    private static readonly (string Header, string Before, Func<Random, string> Genuine)[] Ways =
    [
        ("Queue-Token", "", QueueToken),
        ("Authorization", "Bearer ", QueueToken),
        ("Authorization", "Bearer ", random => AccessToken(random, Lately(random))),
        ("Authorization", "bearer ", random => AccessToken(random, TimeSpan.FromMilliseconds(1))),
    ];

    [Fact]
    public void A_genuine_token_is_accepted_however_it_is_sent() => Assert.All(Ways, way =>
    {
        var (caller, wrong) = Read(way.Header, way.Before + way.Genuine(new(1)));
        Assert.Null(wrong);
        Assert.StartsWith("user-", caller.UserId, StringComparison.Ordinal);
    });

    [Fact]
    public void Of_a_million_forged_altered_or_expired_tokens_none_is_accepted()
    {
        var accepted = new ConcurrentQueue<string>();
        Parallel.For(1, Seeds + 1, seed =>
        {
            var random = new Random(seed);
            var genuine = Ways.Select(way => Enumerable.Range(0, GenuinePerSeed).Select(_ => way.Genuine(random)).ToArray()).ToArray();
            for (var token = 0; token < TokensPerSeed; token++)
            {
                var (kind, header, value) = Forged(random, genuine);
                var (caller, wrong) = Read(header, value);
                if (caller.UserId is not null || wrong?.Code.Status != 401)
                {
                    accepted.Enqueue($"Seed {seed}, token {token}: with {kind}, {header}: {value} passed as {caller.UserId}.");
                }
            }
        });
        Assert.True(accepted.IsEmpty, string.Join('\n', accepted.Take(10)));
    }

    [Fact]
    public void An_expired_token_is_told_that_it_is_over()
    {
        var (caller, wrong) = Read("Authorization", "Bearer " + AccessToken(new(1), TimeSpan.Zero));
        Assert.Equal((null, "ACCESS_TOKEN_EXPIRED"), (caller.UserId, wrong?.Code.Code));
    }

    [Fact]
    [Reaches("TOKEN_INVALID", "ACCESS_TOKEN_INVALID")]
    public async Task No_forged_token_passes_over_http_or_touches_a_grain()
    {
        var grains = new CountedGrains();
        await using var own = new Disposing(await Server.Start(grains.Instead));
        var server = own.Server;
        var (one, other) = (await server.Joins("main"), await server.Joins("main"));
        var before = grains.Asked;
        (await server.Get("/v1/queue-tokens/me", one.OnlyToken)).Is(HttpStatusCode.OK);
        Assert.True(grains.Asked > before);

        before = grains.Asked;
        var random = new Random(1);
        foreach (var (kind, forge) in Forger.Kinds)
        {
            for (var token = 0; token < EachOverHttp; token++)
            {
                var forged = new Visitor(one.UserId)
                {
                    Token = Sendable(() => forge(random, one.Token!, other.Token!)),
                    Access = token % 2 == 0 ? one.Access : null,
                };
                var got = await server.Get("/v1/queue-tokens/me", forged);
                Assert.True(got.Code == "TOKEN_INVALID", $"{kind}: {forged.Token} got {(int)got.Status} {got.Code}");

                var stranger = new Visitor(one.UserId) { Access = Sendable(() => forge(random, one.Access!, other.Access!)) };
                got = await server.Get("/v1/users/me/wallet", stranger);
                Assert.True(
                    got.Code == (stranger.Access.StartsWith("qt.", StringComparison.Ordinal) ? "TOKEN_INVALID" : "ACCESS_TOKEN_INVALID"),
                    $"{kind}: {stranger.Access} got {(int)got.Status} {got.Code}");
            }
        }

        Assert.Equal(before, grains.Asked);
    }

    /// <summary>A forgery of any kind, or now and then a token of ours that is over, as a header.</summary>
    private static (string Kind, string Header, string Value) Forged(Random random, string[][] genuine)
    {
        if (random.Next(20) == 0)
        {
            return ("its time over", "Authorization", "Bearer " + AccessToken(random, -random.Next(2) * Lately(random)));
        }

        var way = random.Next(Ways.Length);
        var kind = Kinds[random.Next(Kinds.Length)];
        var first = random.Next(GenuinePerSeed);
        var second = (first + random.Next(1, GenuinePerSeed)) % GenuinePerSeed;
        var text = Forger.Kinds[kind](random, genuine[way][first], genuine[way][second]);
        return (kind, Ways[way].Header, Ways[way].Before + text);
    }

    private static (Caller Caller, Problem? Wrong) Read(string header, string value) =>
        Credentials.Read(new HeaderDictionary { [header] = value });

    private static string QueueToken(Random random) =>
        new QueueToken("main", random.Next(), $"user-{random.Next()}", (uint)random.Next()).Sign(Keys);

    private static string AccessToken(Random random, TimeSpan left) =>
        new AccessToken($"user-{random.Next()}", random.Next(2) == 0, Instant.From(Time.GetUtcNow()) + left).Sign(Keys);

    private static TimeSpan Lately(Random random) => TimeSpan.FromMilliseconds(random.Next(1, 43_200_000));

    /// <summary>A forgery that a header can carry, and that is not empty there.</summary>
    private static string Sendable(Func<string> forge)
    {
        while (true)
        {
            var text = forge();
            if (text.Length > 0 && text.Trim() == text && text.All(letter => letter is > ' ' and <= '~' or ' ' or '\t'))
            {
                return text;
            }
        }
    }

    private static byte[] Key(byte fill)
    {
        var key = new byte[KeyRing.MinKeyBytes];
        Array.Fill(key, fill);
        return key;
    }
}

/// <summary>Takes the place of the server's own way to its grains, and counts how often it is used.</summary>
public class CountedGrains : DispatchProxy
{
    private IGrainFactory _own = null!;
    private CountedGrains? _counter;
    private int _asked;

    public int Asked => Volatile.Read(ref _asked);

    public void Instead(IServiceCollection services)
    {
        var own = services.Last(service => service.ServiceType == typeof(IGrainFactory));
        services.Replace(ServiceDescriptor.Singleton(provider =>
        {
            var proxy = Create<IGrainFactory, CountedGrains>();
            ((CountedGrains)(object)proxy)._own = (IGrainFactory)own.ImplementationFactory!(provider);
            ((CountedGrains)(object)proxy)._counter = this;
            return proxy;
        }));
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Interlocked.Increment(ref _counter!._asked);
        return targetMethod!.Invoke(_own, args);
    }
}
