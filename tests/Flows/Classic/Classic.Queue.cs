namespace OrleansConcert.Flows.Classic;

/// <summary>Step 1: a token is issued, activated, ended and polled.</summary>
public sealed partial class Classic
{
    [Fact]
    public async Task Step_1_1_Who_had_no_place_waits_and_is_told_so()
    {
        var queue = await Queue();
        var place = (await Join(queue, await Server.User())).Is(HttpStatusCode.Created);
        Assert.Equal(("WAITING", 1L), (place.Text("status"), place["position"].GetInt64()));
    }

    [Fact]
    public async Task Step_1_2_Every_10_seconds_the_next_50_become_active_and_get_an_end()
    {
        var queue = await Queue();
        await Crowd(queue, 49);
        var (last, next) = (await Waiting(queue), await Waiting(queue));
        Pass(Seconds(10));
        var seen = await Becomes("ACTIVE", last);
        Assert.Equal(seen["activatedAt"].GetDateTimeOffset() + Minutes(10), seen["expiresAt"].GetDateTimeOffset());
        Assert.Equal(1, (await Becomes("WAITING", next))["position"].GetInt64());
        Assert.Equal(50, (await Figures(queue)).GetProperty("active").GetInt64());
        Pass(Seconds(10));
        await Becomes("ACTIVE", next);
    }

    [Fact]
    public async Task Step_1_3_An_active_token_whose_end_has_come_expires()
    {
        var queue = await Queue();
        var visitor = await Active(queue);
        Pass((await Poll(visitor))["expiresAt"].GetDateTimeOffset() - Server.Now - Seconds(0.001));
        Assert.Equal("ACTIVE", (await Poll(visitor)).Text("status"));
        Pass(Seconds(0.001));
        await Logged("queue/" + queue, "1 tokens ended");
        var ended = (await Poll(visitor)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("EXPIRED", "TTL"), (ended.Text("tokenStatus"), ended.Text("reason")));
    }

    [Fact]
    public async Task Step_1_4_A_poll_tells_number_and_status()
    {
        var queue = await Queue();
        await Waiting(queue);
        var second = await Waiting(queue);
        var seen = (await Poll(second)).Is(HttpStatusCode.OK);
        Assert.Equal((second.Token, "WAITING", 2L), (seen.Text("token"), seen.Text("status"), seen["position"].GetInt64()));
        Pass(Seconds(10));
        Assert.Equal(0, (await Becomes("ACTIVE", second))["position"].GetInt64());
    }

    [Fact]
    public async Task Step_1_5_Who_polls_with_a_token_of_somebody_else_or_none_is_refused() =>
        await RefusesInvalid(await Queue(), caller => Server.Get(Me, caller));
}
