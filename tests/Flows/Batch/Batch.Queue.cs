namespace OrleansConcert.Flows.Batch;

/// <summary>The rule before the steps, and steps 1 to 3: a place in the queue, its activation and its end.</summary>
public sealed partial class Batch
{
    [Fact]
    public async Task Step_0_1_Nothing_of_a_concert_is_open_to_a_token_that_is_not_active()
    {
        var sale = await Sale();
        Func<Visitor?, Task<Got>>[] calls =
            [caller => Dates(sale, caller), caller => Seats(sale, caller), caller => Hold(sale, caller), caller => Pay("rsv.a.b", caller)];
        foreach (var call in calls)
        {
            await RefusesWaiting(sale.QueueId, call);
            await RefusesExpired(sale.QueueId, call);
        }
    }

    [Fact]
    public async Task Step_0_2_Nothing_of_a_concert_is_open_to_an_invalid_token()
    {
        var sale = await Sale();
        await RefusesInvalid(sale.QueueId, caller => Dates(sale, caller));
        await RefusesInvalid(sale.QueueId, caller => Seats(sale, caller));
        await RefusesInvalid(sale.QueueId, caller => Hold(sale, caller));
        await RefusesInvalid(sale.QueueId, caller => Pay("rsv.a.b", caller));
    }

    [Fact]
    public async Task Step_1_1_A_token_is_issued_and_told()
    {
        var queue = await Queue();
        var place = (await Join(queue, await Server.User())).Is(HttpStatusCode.Created);
        Assert.Equal(("WAITING", 1L, queue), (place.Text("status"), place["position"].GetInt64(), place.Text("queueId")));
        Assert.StartsWith("qt.", place.Text("token"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Step_2_1_A_token_is_looked_up_and_told()
    {
        var queue = await Queue();
        var (first, second) = (await Waiting(queue), await Waiting(queue));
        Assert.Equal(1, (await Poll(first))["position"].GetInt64());
        var seen = (await Poll(second)).Is(HttpStatusCode.OK);
        Assert.Equal((second.Token, 2L), (seen.Text("token"), seen["position"].GetInt64()));
        Assert.InRange(seen["estimatedWaitMs"].GetInt64(), 0, 120_000);
    }

    [Fact]
    public async Task Step_3_1_Every_minute_the_next_100_become_active()
    {
        var queue = await Queue();
        await Crowd(queue, 99);
        var (hundredth, next) = (await Waiting(queue), await Waiting(queue));
        Pass(Seconds(59.999));
        Assert.Equal(0, (await Figures(queue)).GetProperty("active").GetInt64());
        Pass(Seconds(0.001));
        await Becomes("ACTIVE", hundredth);
        Assert.Equal(100, (await Figures(queue)).GetProperty("active").GetInt64());
        Assert.Equal(1, (await Becomes("WAITING", next))["position"].GetInt64());
        Pass(Minutes(1));
        await Becomes("ACTIVE", next);
    }

    [Fact]
    public async Task Step_3_2_An_active_token_ends_when_its_time_is_over()
    {
        var queue = await Queue();
        var visitor = await Active(queue);
        var told = await Poll(visitor);
        var end = told["expiresAt"].GetDateTimeOffset();
        Assert.Equal(told["activatedAt"].GetDateTimeOffset() + Minutes(10), end);
        Pass(end - Server.Now - Seconds(0.001));
        (await Poll(visitor)).Is(HttpStatusCode.OK);
        Pass(Seconds(0.001));
        await Logged("queue/" + queue, "1 tokens ended");
        var ended = (await Poll(visitor)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("EXPIRED", "TTL"), (ended.Text("tokenStatus"), ended.Text("reason")));
    }

    [Fact]
    public async Task Step_3_3_Nobody_ends_for_being_quiet()
    {
        var queue = await Queue();
        var waiting = await Waiting(queue);
        (await Server.Post($"/v1/admin/queues/{queue}/pause", await Server.Admin())).Is(HttpStatusCode.OK);
        Pass(TimeSpan.FromHours(2));
        Assert.Equal("WAITING", (await Poll(waiting)).Is(HttpStatusCode.OK).Text("status"));
    }
}
