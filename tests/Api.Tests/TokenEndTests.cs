namespace OrleansConcert.Api.Tests;

/// <summary>An operator ends somebody's token.</summary>
[Collection(SharedServer.Name)]
public sealed class TokenEndTests(Server server)
{
    [Fact]
    [Succeeds("POST /v1/admin/queues/{queueId}/tokens/end")]
    public async Task An_operator_ends_a_token_and_says_why()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        (await server.Hold(sale, buyer, "A-1-1")).Is(HttpStatusCode.Created);
        var admin = await server.Admin();
        var body = $$"""{"userId":"{{buyer.UserId}}","why":"a bot"}""";

        var got = (await End(sale.QueueId, body, admin, "key")).Is(HttpStatusCode.OK);
        Assert.Equal(
            (buyer.Token, buyer.UserId, "CANCELLED", "ADMIN"),
            (got.Text("token"), got.Text("userId"), got.Text("status"), got.Text("reason")));
        Assert.Equal(server.Now, got["endedAt"].GetDateTimeOffset());
        (await server.Hold(sale, await server.Buyer(sale), "A-1-1")).Is(HttpStatusCode.Created);
        var again = (await End(sale.QueueId, body, admin, "key")).Is(HttpStatusCode.OK);
        Assert.Equal((got.Text("endedAt"), true), (again.Text("endedAt"), again.IsReplayed));

        var ended = (await server.Get("/v1/queue-tokens/me", buyer.OnlyToken)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("CANCELLED", "ADMIN"), (ended.Text("tokenStatus"), ended.Text("reason")));
        var trail = await server.Get($"/v1/admin/audit/users/{buyer.UserId}/tokens", admin);
        var last = trail["entries"].EnumerateArray().Last();
        Assert.Equal("ENDED", last.GetProperty("what").GetString());
        Assert.Matches("^ADMIN: An operator ended ticket .*, saying: a bot$", last.GetProperty("why").GetString());
        Assert.Equal(
            1, (await server.Get($"/v1/admin/queues/{sale.QueueId}", admin))["figures"].GetProperty("cancelledTotal").GetInt64());
    }

    [Fact]
    public async Task A_place_that_waits_is_ended_too()
    {
        var queue = await server.Queue("""{"maxActive":1}""");
        await server.Joins(queue);
        var (waiting, next) = (await server.Joins(queue), await server.Joins(queue));
        (await End(queue, $$"""{"userId":"{{waiting.UserId}}","why":"x"}""")).Is(HttpStatusCode.OK);
        Assert.Equal(1, (await server.Get("/v1/queue-tokens/me", next))["position"].GetInt64());
    }

    [Fact]
    public async Task What_is_not_there_is_not_ended()
    {
        var queue = await server.Queue();
        var gone = await server.Gone(queue);
        var body = $$"""{"userId":"{{gone.UserId}}","why":"x"}""";
        (await End(queue, body)).Is(ProblemCode.NotInQueue);
        (await End("none", body)).Is(ProblemCode.QueueNotFound);
        (await End("a.b", body)).Is(ProblemCode.QueueNotFound);
        (await End(queue, body, await server.User())).Is(ProblemCode.AdminOnly);
    }

    [Theory]
    [InlineData("""{"why":"x"}""", "userId")]
    [InlineData("""{"userId":"a b","why":"x"}""", "userId")]
    [InlineData("""{"userId":"alice"}""", "why")]
    [InlineData("""{"userId":"alice","why":"  "}""", "why")]
    [InlineData("""{"userId":"alice","why":"a\nb"}""", "why")]
    public async Task Who_and_why_have_to_be_said(string json, string member)
    {
        var got = (await End("main", json)).Is(ProblemCode.InvalidArgument);
        Assert.NotEqual(0, got["errors"].GetProperty(member).GetArrayLength());
    }

    [Fact]
    public async Task A_reason_has_a_longest_length()
    {
        var queue = await server.Queue();
        var visitor = await server.Joins(queue);
        string Body(int length) => $$"""{"userId":"{{visitor.UserId}}","why":"{{new string('x', length)}}"}""";
        (await End(queue, Body(201))).Is(ProblemCode.InvalidArgument);
        (await End(queue, Body(200))).Is(HttpStatusCode.OK);
    }

    private async Task<Got> End(string queue, string json, Visitor? visitor = null, string? key = null) => await server.Post(
        $"/v1/admin/queues/{queue}/tokens/end", visitor ?? await server.Admin(), json, key);
}
