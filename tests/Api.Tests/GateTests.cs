using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using OrleansConcert.Domain.Access;

namespace OrleansConcert.Api.Tests;

/// <summary>Every call with every kind of credential: what opens which gate.</summary>
[Collection(SharedServer.Name)]
public sealed class GateTests(Server server)
{
    /// <summary>What a gate says to nobody, a user, and the bearer alone of a waiting, active, ended or unknown token.</summary>
    private static readonly FrozenDictionary<Gate, string?[]> Expected = new Dictionary<Gate, string?[]>
    {
        [Gate.Open] = [null, null, null, null, null, null, null],
        [Gate.Operator] = [Key, Key, Key, Key, Key, Key, Key],
        [Gate.SignedIn] = [Missing, null, Missing, Missing, Ended, NotIn, null],
        [Gate.User] = [Missing, null, null, null, Ended, NotIn, null],
        [Gate.Wallet] = [Missing, null, null, null, Ended, NotIn, null],
        [Gate.Token] = [Missing, Missing, null, null, Ended, NotIn, Missing],
        [Gate.Browse] = [Missing, Missing, Waits, null, Ended, NotIn, Missing],
        [Gate.Active] = [Missing, Missing, Waits, null, Ended, NotIn, Missing],
        [Gate.Admin] = [Missing, Admin, Admin, Admin, Ended, NotIn, null],
    }.ToFrozenDictionary();

    private static readonly string[] Refusals = [Missing, Waits, Ended, NotIn, Admin, Key];

    private const string Missing = "TOKEN_MISSING";
    private const string Waits = "TOKEN_NOT_ACTIVE";
    private const string Ended = "TOKEN_ENDED";
    private const string NotIn = "NOT_IN_QUEUE";
    private const string Admin = "ADMIN_ONLY";
    private const string Key = "OPERATOR_KEY_INVALID";

    [Fact]
    [Reaches(Missing, Waits, Ended, NotIn, Admin, Key)]
    public async Task Every_gate_opens_to_those_it_is_for_and_to_nobody_else()
    {
        var full = await server.Queue("""{"maxActive":1}""");
        await server.Joins(full);
        foreach (var (method, path, gate) in server.Calls)
        {
            Visitor?[] visitors =
            [
                null,
                await server.User(),
                (await server.Joins(full)).OnlyToken,
                (await server.Joins(await server.Queue())).OnlyToken,
                (await server.Gone(await server.Queue())).OnlyToken,
                Unknown(),
                await server.Admin(),
            ];
            for (var index = 0; index < visitors.Length; index++)
            {
                var got = await server.Send(method, Concrete(path), visitors[index], method is "POST" or "PUT" ? "{}" : null);
                var code = method == "HEAD" ? null : got.Code;
                var refusal = Refusals.Contains(code) ? code : null;
                var expected = method == "HEAD" ? null : Expected[gate][index];
                Assert.True(refusal == expected, $"{method} {path}, visitor {index}: {code}, not {expected}");
                Assert.True((int)got.Status < 500, $"{method} {path}, visitor {index}: {got.Status}");
            }
        }
    }

    [Theory]
    [InlineData("TOKEN", null, null, "TOKEN_ENDED", "TOKEN_MISSING")]
    [InlineData("ACTIVE", "TOKEN_NOT_ACTIVE", null, "TOKEN_ENDED", "TOKEN_MISSING")]
    [InlineData("OPEN", null, null, null, null)]
    public async Task The_wallet_has_the_gate_of_the_queue(
        string gate, string? waiting, string? active, string? ended, string? without)
    {
        var queue = await server.Queue($$"""{"maxActive":1,"walletGate":"{{gate}}"}""");
        var first = await server.Joins(queue);
        Assert.Equal(active, (await server.Get("/v1/users/me/wallet", first)).Code);
        Assert.Equal(waiting, (await server.Get("/v1/users/me/wallet", await server.Joins(queue))).Code);
        (await server.Send("DELETE", "/v1/queue-tokens/me", first)).Is(HttpStatusCode.NoContent);
        Assert.Equal(ended, (await server.Get("/v1/users/me/wallet", first)).Code);

        var admin = await server.Admin();
        (await server.Send("PUT", "/v1/admin/queues/main", admin, $$"""{"walletGate":"{{gate}}"}""")).Is(HttpStatusCode.OK);
        Assert.Equal(without, (await server.Get("/v1/users/me/wallet", first.OnlyAccess)).Code);
        (await server.Send("PUT", "/v1/admin/queues/main", admin, """{"walletGate":"OPEN"}""")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Waiting_tokens_may_browse_where_the_queue_says_so_but_not_hold()
    {
        var sale = await server.Sale(queueId: await server.Queue("""{"maxActive":1,"browseGate":"NOT_EXPIRED"}"""));
        var active = await server.Joins(sale.QueueId);
        var waiting = await server.Joins(sale.QueueId);
        (await server.Get($"/v1/schedules/{sale.ScheduleId}/seats", waiting)).Is(HttpStatusCode.OK);
        var got = (await server.Hold(sale, waiting, "A-1-1")).Is(ProblemCode.TokenNotActive);
        Assert.Equal("WAITING", got.Text("tokenStatus"));
        Assert.Equal(1, got["position"].GetInt64());

        (await server.Send("DELETE", "/v1/queue-tokens/me", active)).Is(HttpStatusCode.NoContent);
        (await server.Get($"/v1/schedules/{sale.ScheduleId}/seats", active)).Is(ProblemCode.TokenEnded);
    }

    [Fact]
    public async Task The_gate_comes_before_the_body_and_the_body_before_existence()
    {
        var buyer = await server.Joins(await server.Queue());
        (await server.Post("/v1/schedules/none/holds", null, "nonsense")).Is(ProblemCode.TokenMissing);
        (await server.Post("/v1/schedules/none/holds", buyer, "nonsense")).Is(ProblemCode.MalformedRequest);
        (await server.Post("/v1/schedules/none/holds", buyer, """{"seats":["A-1-1"]}""")).Is(ProblemCode.ScheduleNotFound);
    }

    private static string Concrete(string path) => path
        .Replace("{reservationId}", "rsv.none.none", StringComparison.Ordinal)
        .Replace("{", "", StringComparison.Ordinal)
        .Replace("}", "-none", StringComparison.Ordinal);

    /// <summary>A genuine token of a place that the queue has forgotten.</summary>
    private Visitor Unknown() => new("ghost")
    {
        Token = new QueueToken("main", 1_000_000, "ghost", 1).Sign(server.App.Services.GetRequiredService<KeyRing>()),
    };
}
