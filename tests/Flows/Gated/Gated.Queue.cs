namespace OrleansConcert.Flows.Gated;

/// <summary>Steps 1 and 2: a place in the queue, and where one stands.</summary>
public sealed partial class Gated
{
    [Fact]
    public async Task Step_1_1_A_user_who_exists_may_join()
    {
        await using var strict = await Theatre.Open("--Concert:Users:Registration=Required");
        var server = strict.Server;
        var admin = await server.Admin();
        (await server.Post("/v1/admin/users", admin, """{"userId":"minji"}""")).Is(HttpStatusCode.Created);
        (await server.Post("/v1/queue-tokens", await server.User("minji"))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_1_2_A_user_who_does_not_exist_is_told_so()
    {
        await using var strict = await Theatre.Open("--Concert:Users:Registration=Required");
        var server = strict.Server;
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/access-tokens")
        {
            Content = new StringContent("""{"userId":"minji"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("Operator-Key", "dev");
        (await server.Send(request)).Is(ProblemCode.UserNotFound);

        var admin = await server.Admin();
        (await server.Post("/v1/admin/users", admin, """{"userId":"minji"}""")).Is(HttpStatusCode.Created);
        var gone = await server.User("minji");
        (await server.Send("DELETE", "/v1/admin/users/minji", admin)).Is(HttpStatusCode.NoContent);
        (await server.Post("/v1/queue-tokens", gone)).Is(ProblemCode.UserNotFound);
    }

    [Fact]
    public async Task Step_1_3_A_new_place_waits()
    {
        var queue = await Queue();
        var place = (await Join(queue, await Server.User())).Is(HttpStatusCode.Created);
        Assert.Equal(("WAITING", 1L), (place.Text("status"), place["position"].GetInt64()));
        Assert.Equal(1, (await Figures(queue)).GetProperty("waiting").GetInt64());
    }

    [Fact]
    public async Task Step_1_4_The_new_place_is_told()
    {
        var queue = await Queue();
        var user = await Server.User();
        var place = (await Join(queue, user)).Is(HttpStatusCode.Created);
        Assert.StartsWith("qt.", place.Text("token"), StringComparison.Ordinal);
        Assert.Equal((queue, user.UserId), (place.Text("queueId"), place.Text("userId")));
        Assert.Equal(Server.Now, place["issuedAt"].GetDateTimeOffset());
        Assert.Equal(place.Text("token"), (await Join(queue, user)).Is(HttpStatusCode.OK).Text("token"));
    }

    [Fact]
    public async Task Step_2_1_A_valid_token_is_looked_up() =>
        (await Poll(await Waiting(await Queue()))).Is(HttpStatusCode.OK);

    [Fact]
    public async Task Step_2_2_An_invalid_token_is_told_so()
    {
        var visitor = await Waiting(await Queue());
        (await Poll(visitor with { Token = "qt.nonsense" })).Is(ProblemCode.TokenInvalid);
        await RefusesInvalid(await Queue(), caller => Server.Get(Me, caller));
    }

    [Fact]
    public async Task Step_2_3_Order_and_status_are_told()
    {
        var queue = await Queue();
        var (first, second) = (await Waiting(queue), await Waiting(queue));
        var seen = await Soon(() => Poll(second), got => got["position"].GetInt64() == 2);
        Assert.Equal(("WAITING", 1L), (seen.Text("status"), seen["ahead"].GetInt64()));
        Assert.InRange(seen["estimatedWaitMs"].GetInt64(), 0, 20_000);
        (await Server.Send("DELETE", Me, first)).Is(HttpStatusCode.NoContent);
        await Soon(() => Poll(second), got => got["position"].GetInt64() == 1);
        Pass(Seconds(10));
        Assert.Equal(0, (await Becomes("ACTIVE", second))["position"].GetInt64());
    }
}
