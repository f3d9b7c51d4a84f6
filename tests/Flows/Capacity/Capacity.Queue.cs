namespace OrleansConcert.Flows.Capacity;

/// <summary>Step 1: a place in the queue, and where one stands.</summary>
public sealed partial class Capacity
{
    [Fact]
    public async Task Step_1_1_Who_has_a_token_is_given_it_again()
    {
        var queue = await Queue();
        var waiting = await Waiting(queue);
        var behind = await Joined(queue);
        var again = (await Join(queue, waiting)).Is(HttpStatusCode.OK);
        Assert.Equal((waiting.Token, 1L), (again.Text("token"), again["position"].GetInt64()));
        Assert.Equal(2, (await Poll(behind))["position"].GetInt64());
    }

    [Fact]
    public async Task Step_1_2_Who_has_no_token_is_given_a_new_one()
    {
        var queue = await Queue();
        var (first, second) = (await Server.User(), await Server.User());
        var token = (await Join(queue, first)).Is(HttpStatusCode.Created).Text("token");
        Assert.NotEqual(token, (await Join(queue, second)).Is(HttpStatusCode.Created).Text("token"));
    }

    [Fact]
    public async Task Step_1_3_Who_need_not_wait_is_active_for_30_minutes_at_position_0()
    {
        var queue = await Queue();
        var visitor = await Joined(queue);
        var seen = (await Poll(visitor)).Is(HttpStatusCode.OK);
        Assert.Equal(("ACTIVE", 0L), (seen.Text("status"), seen["position"].GetInt64()));
        Assert.Equal(Server.Now + Minutes(30), seen["expiresAt"].GetDateTimeOffset());
    }

    [Fact]
    public async Task Step_1_4_A_full_house_makes_one_wait_and_tells_the_position()
    {
        var queue = await Queue();
        await Waiting(queue);
        var second = await Joined(queue);
        var seen = (await Poll(second)).Is(HttpStatusCode.OK);
        Assert.Equal(("WAITING", 2L, "FULL"), (seen.Text("status"), seen["position"].GetInt64(), seen.Text("queueState")));
        Assert.Equal(50, (await Figures(queue)).GetProperty("active").GetInt64());
    }

    [Fact]
    public async Task Step_1_5_A_later_poll_finds_the_place_that_was_freed()
    {
        var queue = await Queue();
        var leaver = await Joined(queue);
        await Crowd(queue, 49);
        var (first, second) = (await Joined(queue), await Joined(queue));
        Assert.Equal("WAITING", (await Poll(first)).Text("status"));
        (await Server.Send("DELETE", Me, leaver)).Is(HttpStatusCode.NoContent);
        var now = Server.Now;
        var seen = await Becomes("ACTIVE", first);
        Assert.Equal(now, seen["activatedAt"].GetDateTimeOffset());
        Assert.Equal(now + Minutes(30), seen["expiresAt"].GetDateTimeOffset());
        await Soon(() => Poll(second), got => got["position"].GetInt64() == 1);
    }

    [Fact]
    public async Task Step_1_6_The_token_alone_may_go_into_Authorization()
    {
        var visitor = await Joined(await Queue());
        var seen = await Server.Get(Me, new(visitor.UserId) { Access = visitor.Token });
        Assert.Equal(visitor.Token, seen.Is(HttpStatusCode.OK).Text("token"));
    }
}
