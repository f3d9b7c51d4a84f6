using System.Net.Http.Headers;

namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class RepeatTests(Server server)
{
    /// <summary>Every POST of a user or admin, twice: the second answer is the first, byte for byte.</summary>
    [Fact]
    public async Task Every_post_is_answered_again_byte_for_byte()
    {
        var sale = await server.Sale();
        var admin = await server.Admin();
        var buyer = await server.Buyer(sale);
        var user = await server.User();
        var concert = Server.New("concert");
        var held = (await server.Hold(sale, buyer, "A-3-1")).Text("reservationId");
        var other = await server.Buyer(sale);
        var paid = await server.Pay(other, (await server.Hold(sale, other, "A-3-2")).Text("reservationId"));
        (Visitor Who, string Path, string? Json)[] posts =
        [
            (user, "/v1/queue-tokens", $$"""{"queueId":"{{sale.QueueId}}"}"""),
            (user, "/v1/users/me/wallet/charges", """{"amount":7}"""),
            (buyer, $"/v1/schedules/{sale.ScheduleId}/holds", """{"seats":["A-1-1"]}"""),
            (buyer, $"/v1/concerts/{sale.ConcertId}/holds", $$"""{"date":"{{sale.Date}}","seats":["A-1-2"]}"""),
            (buyer, $"/v1/reservations/{held}/confirm", null),
            (buyer, "/v1/payments", $$"""{"reservationId":"{{held}}"}"""),
            (admin, $"/v1/admin/payments/{paid.Text("paymentId")}/refund", """{"why":"rain"}"""),
            (admin, "/v1/admin/users", $$"""{"userId":"{{Server.New("user")}}"}"""),
            (admin, $"/v1/admin/queues/{sale.QueueId}/pause", null),
            (admin, $"/v1/admin/queues/{sale.QueueId}/drain", null),
            (admin, $"/v1/admin/queues/{sale.QueueId}/resume", null),
            (admin, $"/v1/admin/queues/{sale.QueueId}/tokens/end", $$"""{"userId":"{{user.UserId}}","why":"rain"}"""),
            (admin, "/v1/admin/concerts", $$"""{"concertId":"{{concert}}","title":"T"}"""),
            (admin, $"/v1/admin/concerts/{concert}/schedules",
                $$"""{"scheduleId":"{{concert}}-1","startsAt":"2099-01-01T00:00:00Z","sections":{{Casting.OneSection}}}"""),
        ];
        Assert.Equal(
            server.Calls.Count(call => call.Method == "POST" && call.Gate is not (Gate.Open or Gate.Operator)), posts.Length);

        foreach (var (who, path, json) in posts)
        {
            var key = Server.New("key");
            var first = await server.Post(path, who, json, key);
            Assert.True(first.Response.IsSuccessStatusCode, $"{path}: {first.Code}");
            Assert.False(first.IsReplayed);
            server.Time.Advance(TimeSpan.FromSeconds(1));
            var again = (await server.Post(path, who, json, $"\"{key}\"")).Is(first.Status);
            Assert.True(again.IsReplayed, path);
            Assert.Equal(first.Bytes, again.Bytes);
            (await server.Post(path, who, (json ?? "{}") + " ", key)).Is(ProblemCode.IdempotencyKeyReused);
        }
    }

    [Fact]
    public async Task A_payment_that_ended_its_token_is_still_answered()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        var id = (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
        var paid = (await server.Pay(buyer, id, "pay")).Is(HttpStatusCode.Created);
        await Server.Until(() => server.Get("/v1/queue-tokens/me", buyer.OnlyToken), got => got.Code == "TOKEN_ENDED");
        foreach (var who in new[] { buyer, buyer.OnlyToken, buyer.OnlyAccess })
        {
            var again = (await server.Pay(who, id, "pay")).Is(HttpStatusCode.Created);
            Assert.True(again.IsReplayed);
            Assert.Equal(paid.Bytes, again.Bytes);
        }

        (await server.Pay(buyer, id)).Is(ProblemCode.TokenEnded);
    }

    [Fact]
    [Reaches("IDEMPOTENCY_KEY_REUSED")]
    public async Task A_key_belongs_to_its_user_path_and_body()
    {
        var first = await server.User();
        var second = await server.User();
        (await Charge(first, 1, "k")).Is(HttpStatusCode.Created);
        (await Charge(second, 1, "k")).Is(HttpStatusCode.Created);
        (await Charge(first, 2, "k")).Is(ProblemCode.IdempotencyKeyReused);
        (await server.Post("/v1/queue-tokens", first, """{"amount":1}""", "k")).Is(ProblemCode.IdempotencyKeyReused);
        Assert.Equal(1, (await server.Get("/v1/users/me/wallet", first))["balance"].GetInt64());
    }

    [Fact]
    public async Task A_refusal_leaves_the_key_free()
    {
        var user = await server.User();
        (await Charge(user, 0, "k")).Is(ProblemCode.InvalidAmount);
        (await Charge(user, 5, "k")).Is(HttpStatusCode.Created);
        Assert.True((await Charge(user, 5, "k")).IsReplayed);
    }

    [Fact]
    public async Task The_gate_is_passed_by_the_key_but_not_the_credential()
    {
        var user = await server.User();
        (await Charge(user, 5, "k")).Is(HttpStatusCode.Created);
        (await Charge(user with { Access = user.Access + "x" }, 5, "k")).Is(ProblemCode.AccessTokenInvalid);
        (await server.Post("/v1/users/me/wallet/charges", null, """{"amount":5}""", "k")).Is(ProblemCode.TokenMissing);
    }

    [Fact]
    public async Task A_key_is_forgotten_after_a_day()
    {
        await using var own = new Disposing(await Server.Start());
        var user = await own.Server.User();
        var path = "/v1/users/me/wallet/charges";
        (await own.Server.Post(path, user, """{"amount":5}""", "k")).Is(HttpStatusCode.Created);
        own.Server.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMilliseconds(1));
        user = await own.Server.User(user.UserId);
        Assert.True((await own.Server.Post(path, user, """{"amount":5}""", "k")).IsReplayed);
        own.Server.Time.Advance(TimeSpan.FromHours(2));

        // The journal's own time is that of its last write.
        (await own.Server.Post(path, await own.Server.User(), """{"amount":5}""")).Is(HttpStatusCode.Created);
        Assert.False((await own.Server.Post(path, user, """{"amount":5}""", "k")).Is(HttpStatusCode.Created).IsReplayed);
    }

    [Fact]
    public async Task Of_many_at_once_under_one_key_one_takes_effect()
    {
        var user = await server.User();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Charge(user, 5, "k")));
        Assert.All(answers, answer => Assert.True(answer.Status == HttpStatusCode.Created || answer.Code == "IDEMPOTENCY_IN_PROGRESS"));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created && !answer.IsReplayed);
        Assert.Equal(5, (await server.Get("/v1/users/me/wallet", user))["balance"].GetInt64());
    }

    [Fact]
    [Reaches("IDEMPOTENCY_IN_PROGRESS")]
    public async Task While_the_first_runs_the_second_is_told_to_wait()
    {
        var user = await server.User();
        var slow = new SlowBody();
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/users/me/wallet/charges") { Content = slow };
        user.Sign(request);
        request.Headers.Add("Idempotency-Key", "k");
        await server.Until(inFlight: 0);
        var first = server.Send(request);
        await server.Until(inFlight: 1);
        await Server.Until(() => Charge(user, 0, "k"), got => got.Code == "IDEMPOTENCY_IN_PROGRESS");
        slow.Finish();
        (await first).Is(HttpStatusCode.Created);
        Assert.True((await Charge(user, 5, "k")).IsReplayed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("\"\"")]
    [InlineData("ключ")]
    public async Task A_key_is_visible_ascii(string key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/users/me/wallet/charges") { Content = new StringContent("{}") };
        (await server.User()).Sign(request);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        var client = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.UTF8 };
        using var sender = new HttpClient(client) { BaseAddress = server.Client.BaseAddress };
        using var response = await sender.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_key_has_at_most_255_characters()
    {
        var user = await server.User();
        (await Charge(user, 5, new string('k', 255))).Is(HttpStatusCode.Created);
        var got = (await Charge(user, 5, new string('k', 256))).Is(ProblemCode.InvalidArgument);
        Assert.True(got["errors"].TryGetProperty("Idempotency-Key", out _));
    }

    private Task<Got> Charge(Visitor visitor, long amount, string key) =>
        server.Post("/v1/users/me/wallet/charges", visitor, $$"""{"amount":{{amount}}}""", key);
}

/// <summary>A body that begins, and goes on when it is told to.</summary>
internal sealed class SlowBody : HttpContent
{
    private readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SlowBody() => Headers.ContentType = new MediaTypeHeaderValue("application/json");

    public void Finish() => _finish.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync("""{"amount":"""u8.ToArray());
        await stream.FlushAsync();
        await _finish.Task;
        await stream.WriteAsync("5}"u8.ToArray());
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
