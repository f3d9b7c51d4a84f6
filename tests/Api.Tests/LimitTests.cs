namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class LimitTests(Server server)
{
    [Fact]
    [Reaches("UNAVAILABLE")]
    public async Task Beyond_what_is_answered_at_once_calls_are_turned_away_but_probes_are_not()
    {
        await using var own = new Disposing(await Server.Start("--Concert:Limits:InFlight=1"));
        var user = await own.Server.User();
        var slow = new SlowBody();
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/users/me/wallet/charges") { Content = slow };
        user.Sign(request);
        var first = own.Server.Send(request);
        await own.Server.Until(inFlight: 1);
        var got = await own.Server.Get("/v1/concerts");
        Assert.Equal(TimeSpan.FromSeconds(1), got.Is(ProblemCode.Unavailable).Response.Headers.RetryAfter!.Delta);
        (await own.Server.Get("/health/live")).Is(HttpStatusCode.OK);
        (await own.Server.Get("/health/ready")).Is(HttpStatusCode.OK);
        slow.Finish();
        (await first).Is(HttpStatusCode.Created);
        await own.Server.Until(inFlight: 0);
        (await own.Server.Get("/v1/concerts")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Headers_beyond_their_bound_are_refused()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/concerts");
        request.Headers.Add("X-Long", new string('x', 20_000));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await server.Send(request)).Status);
    }

    [Fact]
    public async Task The_demo_concert_is_opened_where_it_is_wanted()
    {
        await using var own = new Disposing(await Server.Start("--Concert:Demo=true"));
        var visitor = await own.Server.Joins("main");
        var got = (await own.Server.Get("/v1/concerts/demo/dates", visitor)).Is(HttpStatusCode.OK);
        var schedule = Assert.Single(Assert.Single(got["dates"].EnumerateArray()).GetProperty("schedules").EnumerateArray());
        Assert.Equal(("demo-1", 250), (schedule.GetProperty("scheduleId").GetString(), schedule.GetProperty("seatsTotal").GetInt32()));
    }

    [Fact]
    public void What_is_not_part_of_this_server_is_absent()
    {
        string[] absent = ["metrics", "openapi"];
        Assert.All(server.Calls, call => Assert.DoesNotContain(absent, part => call.Path.Contains(part, StringComparison.Ordinal)));
    }
}
