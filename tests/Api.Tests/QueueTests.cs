namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class QueueTests(Server server)
{
    [Fact]
    [Succeeds("POST /v1/queue-tokens")]
    public async Task A_user_joins_once_and_keeps_the_place()
    {
        var queue = await server.Queue();
        var user = await server.User();
        var first = (await server.Post("/v1/queue-tokens", user, $$"""{"queueId":"{{queue}}"}""")).Is(HttpStatusCode.Created);
        Assert.StartsWith("qt.", first.Text("token"), StringComparison.Ordinal);
        Assert.Equal("ACTIVE", first.Text("status"));
        Assert.Equal("OPEN", first.Text("queueState"));
        Assert.Equal(0, first["position"].GetInt64());
        Assert.Equal(TimeSpan.FromSeconds(5), first.Response.Headers.RetryAfter!.Delta);

        var again = (await server.Post("/v1/queue-tokens", user, $$"""{"queueId":"{{queue}}","force":true}""")).Is(HttpStatusCode.OK);
        Assert.Equal(first.Text("token"), again.Text("token"));
    }

    [Fact]
    public async Task The_main_queue_is_joined_where_none_is_named()
    {
        Assert.Equal("main", (await server.Post("/v1/queue-tokens", await server.User())).Is(HttpStatusCode.Created).Text("queueId"));
        Assert.Equal("main", (await server.Post("/v1/queue-tokens", await server.User(), "{}")).Text("queueId"));
    }

    [Fact]
    [Reaches("QUEUE_NOT_FOUND")]
    public async Task Nobody_joins_what_is_not_there()
    {
        (await server.Post("/v1/queue-tokens", await server.User(), """{"queueId":"none"}""")).Is(ProblemCode.QueueNotFound);
        (await server.Post("/v1/queue-tokens", await server.User(), """{"queueId":"a b"}""")).Is(ProblemCode.InvalidArgument);
    }

    [Fact]
    [Succeeds("GET /v1/queue-tokens/me")]
    public async Task A_poll_says_where_one_stands()
    {
        var queue = await server.Queue("""{"maxActive":1}""");
        await server.Joins(queue);
        var second = await server.Joins(queue);
        var third = await server.Joins(queue);
        var got = (await server.Get("/v1/queue-tokens/me", third.OnlyToken)).Is(HttpStatusCode.OK);
        Assert.Equal(third.Token, got.Text("token"));
        Assert.Equal(("WAITING", 2L, 1L), (got.Text("status"), got["position"].GetInt64(), got["ahead"].GetInt64()));
        Assert.Equal("FULL", got.Text("queueState"));
        Assert.Equal(
            Math.Ceiling(got["pollAfterMs"].GetInt32() / 1000.0), got.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds);

        (await server.Send("DELETE", "/v1/queue-tokens/me", second)).Is(HttpStatusCode.NoContent);
        Assert.Equal(1, (await server.Get("/v1/queue-tokens/me", third))["position"].GetInt64());
    }

    [Fact]
    [Succeeds("DELETE /v1/queue-tokens/me")]
    [Reaches("TOKEN_ENDED")]
    public async Task Who_leaves_gives_everything_back()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        (await server.Hold(sale, buyer, "A-1-1")).Is(HttpStatusCode.Created);
        (await server.Send("DELETE", "/v1/queue-tokens/me", buyer.OnlyToken)).Is(HttpStatusCode.NoContent);

        var got = (await server.Get("/v1/queue-tokens/me", buyer.OnlyToken)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("CANCELLED", "LEFT"), (got.Text("tokenStatus"), got.Text("reason")));
        Assert.Equal(server.Now, got["endedAt"].GetDateTimeOffset());
        (await server.Hold(sale, await server.Buyer(sale), "A-1-1")).Is(HttpStatusCode.Created);
        (await server.Send("DELETE", "/v1/queue-tokens/me", buyer.OnlyToken)).Is(ProblemCode.TokenEnded);
    }

    [Fact]
    public async Task A_token_ends_at_its_very_instant()
    {
        var visitor = await server.Joins(await server.Queue("""{"activeTtl":"PT1M","activeIdleTimeout":null}"""));
        server.Time.Advance(TimeSpan.FromMilliseconds(59_999));
        (await server.Get("/v1/queue-tokens/me", visitor)).Is(HttpStatusCode.OK);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        var got = (await server.Get("/v1/queue-tokens/me", visitor)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("EXPIRED", "TTL"), (got.Text("tokenStatus"), got.Text("reason")));
    }

    [Fact]
    public async Task A_refused_call_counts_as_activity()
    {
        var visitor = await server.Joins(await server.Queue("""{"activeTtl":"PT1H","activeIdleTimeout":"PT1M"}"""));
        for (var minute = 0; minute < 3; minute++)
        {
            server.Time.Advance(TimeSpan.FromSeconds(50));
            (await server.Get("/v1/admin/queues", visitor)).Is(ProblemCode.AdminOnly);
        }

        (await server.Get("/v1/queue-tokens/me", visitor)).Is(HttpStatusCode.OK);
        server.Time.Advance(TimeSpan.FromSeconds(62));
        Assert.Equal("IDLE", (await server.Get("/v1/queue-tokens/me", visitor)).Is(ProblemCode.TokenEnded).Text("reason"));
    }

    [Fact]
    [Reaches("QUEUE_CLOSED")]
    [Succeeds(
        "POST /v1/admin/queues/{queueId}/pause", "POST /v1/admin/queues/{queueId}/drain", "POST /v1/admin/queues/{queueId}/resume")]
    public async Task A_queue_pauses_drains_and_resumes()
    {
        var queue = await server.Queue("""{"admitCount":1}""");
        var admin = await server.Admin();
        Assert.Equal("PAUSED", (await server.Post($"/v1/admin/queues/{queue}/pause", admin)).Is(HttpStatusCode.OK).Text("state"));
        var waiting = await server.Joins(queue);
        var seen = await server.Get("/v1/queue-tokens/me", waiting);
        Assert.Equal(("WAITING", "PAUSED", JsonValueKind.Null),
            (seen.Text("status"), seen.Text("queueState"), seen["estimatedWaitMs"].ValueKind));

        Assert.Equal("DRAINING", (await server.Post($"/v1/admin/queues/{queue}/drain", admin)).Is(HttpStatusCode.OK).Text("state"));
        (await server.Post("/v1/queue-tokens", await server.User(), $$"""{"queueId":"{{queue}}"}""")).Is(ProblemCode.QueueClosed);
        (await server.Post("/v1/queue-tokens", waiting.OnlyAccess, $$"""{"queueId":"{{queue}}"}""")).Is(HttpStatusCode.OK);
        Assert.Equal("ACTIVE", (await server.Get("/v1/queue-tokens/me", waiting)).Text("status"));

        Assert.Equal("OPEN", (await server.Post($"/v1/admin/queues/{queue}/resume", admin)).Is(HttpStatusCode.OK).Text("state"));
        (await server.Post("/v1/admin/queues/none/pause", admin)).Is(ProblemCode.QueueNotFound);
        (await server.Post("/v1/admin/queues/a.b/pause", admin)).Is(ProblemCode.QueueNotFound);
    }

    [Fact]
    [Succeeds("PUT /v1/admin/queues/{queueId}", "GET /v1/admin/queues/{queueId}", "GET /v1/admin/queues")]
    public async Task A_policy_is_laid_over_the_present_one()
    {
        var admin = await server.Admin();
        var path = $"/v1/admin/queues/{Server.New("queue")}";
        (await server.Get(path, admin)).Is(ProblemCode.QueueNotFound);
        (await server.Send("PUT", path, admin, """{"maxActive":5,"activeIdleTimeout":null}""")).Is(HttpStatusCode.OK);
        (await server.Send("PUT", path, admin, """{"admitEvery":"PT2S"}""")).Is(HttpStatusCode.OK);
        var got = await server.Get(path, admin);
        var policy = got["policy"];
        Assert.Equal(5, policy.GetProperty("maxActive").GetInt32());
        Assert.Equal("PT2S", policy.GetProperty("admitEvery").GetString());
        Assert.Equal(JsonValueKind.Null, policy.GetProperty("activeIdleTimeout").ValueKind);
        Assert.Equal(100, policy.GetProperty("admitCount").GetInt32());
        Assert.Equal("standard", got.Text("preset"));

        policy = (await server.Send("PUT", path, admin, """{"preset":"standard","maxActive":7}"""))["policy"];
        Assert.Equal(7, policy.GetProperty("maxActive").GetInt32());
        Assert.Equal("PT1S", policy.GetProperty("admitEvery").GetString());
        var queues = (await server.Get("/v1/admin/queues", admin)).Is(HttpStatusCode.OK)["queues"];
        var ids = queues.EnumerateArray().Select(one => one.GetProperty("queueId").GetString());
        Assert.Contains("main", ids);
        Assert.Contains(path.Split('/')[^1], ids);
    }

    [Theory]
    [InlineData("""{"preset":"gold"}""", "preset", "standard or gated or capacity or batch or requeue or classic")]
    [InlineData("""{"preset":null}""", "preset", "standard or gated")]
    [InlineData("""{"reissue":"requeue"}""", "reissue", "RETURN_EXISTING or REQUEUE or ROTATE_IN_PLACE")]
    [InlineData("""{"reissue":null}""", "reissue", "RETURN_EXISTING")]
    [InlineData("""{"admitCount":0}""", "admitCount", "1 to 1000000")]
    [InlineData("""{"admitCount":99999999999999999999}""", "admitCount", "1 to 1000000")]
    [InlineData("""{"admitEvery":"PT0.01S"}""", "admitEvery", "PT0.1S to PT1H")]
    [InlineData("""{"admitEvery":null}""", "admitEvery", "ISO 8601")]
    [InlineData("""{"admitEvery":"5 minutes"}""", "admitEvery", "ISO 8601")]
    [InlineData("""{"maxActive":1000001}""", "maxActive", "1 to 1000000")]
    [InlineData("""{"activeTtl":"P2D"}""", "activeTtl", "PT1S to P1D")]
    [InlineData("""{"waitingIdleTimeout":"-PT1M"}""", "waitingIdleTimeout", "PT1S to P1D")]
    [InlineData("""{"walletGate":"open"}""", "walletGate", "OPEN or TOKEN or ACTIVE")]
    [InlineData("""{"browseGate":"0"}""", "browseGate", "ACTIVE or NOT_EXPIRED")]
    public async Task A_policy_out_of_bounds_is_refused_with_what_is_allowed(string json, string member, string allowed)
    {
        var got = (await server.Send("PUT", "/v1/admin/queues/main", await server.Admin(), json)).Is(ProblemCode.InvalidArgument);
        Assert.Contains(allowed, got["errors"].GetProperty(member)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"admitcount":1}""")]
    [InlineData("""{"admitCount":"1"}""")]
    [InlineData("""{"admitCount":1.5}""")]
    [InlineData("""{"admitOnPoll":null}""")]
    [InlineData("""{"admitOnPoll":1}""")]
    [InlineData("""{"admitEvery":1}""")]
    [InlineData("""{"walletGate":0}""")]
    public async Task A_policy_of_other_types_is_malformed(string json) =>
        (await server.Send("PUT", "/v1/admin/queues/main", await server.Admin(), json)).Is(ProblemCode.MalformedRequest);
}
