using Microsoft.Extensions.Logging;

namespace OrleansConcert.Flows.Gated;

/// <summary>Step 9: places are activated every 10 s, and end 10 minutes after that, or 5 minutes after they were last heard of.</summary>
public sealed partial class Gated
{
    [Fact]
    public async Task Step_9_1_Every_interval_the_first_50_become_active()
    {
        var queue = await Queue();
        var crowd = await Crowd(queue, 50);
        var (next, last) = (await Waiting(queue), await Waiting(queue));
        (await Server.Send("DELETE", Me, crowd[7])).Is(HttpStatusCode.NoContent);
        Pass(Seconds(10));
        await Becomes("ACTIVE", next);
        Assert.Equal(50, (await Figures(queue)).GetProperty("active").GetInt64());
        Assert.Equal(1, (await Becomes("WAITING", last))["position"].GetInt64());
        Pass(Seconds(10));
        await Becomes("ACTIVE", last);
    }

    [Fact]
    public async Task Step_9_2_Who_may_enter_is_told_so_and_until_when()
    {
        var queue = await Queue();
        var visitor = await Waiting(queue);
        var before = Server.Now;
        Pass(Seconds(10));
        var told = await Becomes("ACTIVE", visitor);
        var activated = told["activatedAt"].GetDateTimeOffset();
        Assert.InRange(activated, before, before + Seconds(10));
        Assert.Equal(activated + Minutes(10), told["expiresAt"].GetDateTimeOffset());
        Assert.Equal(visitor.Token, told.Text("token"));
    }

    [Fact]
    public async Task Step_9_3_A_token_ends_10_minutes_after_it_became_active()
    {
        var queue = await Queue();
        var visitor = await Active(queue);
        var end = (await Poll(visitor))["expiresAt"].GetDateTimeOffset();
        for (var poll = 0; poll < 2; poll++)
        {
            Pass(Minutes(4));
            (await Poll(visitor)).Is(HttpStatusCode.OK);
        }

        Pass(end - Server.Now - Seconds(0.001));
        (await Poll(visitor)).Is(HttpStatusCode.OK);
        Pass(Seconds(0.001));
        var ended = (await Poll(visitor)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("EXPIRED", "TTL"), (ended.Text("tokenStatus"), ended.Text("reason")));
        Assert.Equal(LogLevel.Information, (await Logged("queue/" + queue, "1 tokens ended")).Level);
    }

    [Fact]
    public async Task Step_9_4_A_token_ends_5_minutes_after_it_was_last_heard_of()
    {
        var queue = await Queue();
        var (quiet, lively) = (await Active(queue), await Active(queue));
        Pass(Minutes(4));
        for (var left = Minutes(1) + Seconds(4); left > TimeSpan.Zero; left -= Seconds(4))
        {
            // Each tells the queue whom this host has answered: a host that is silent for long counts as lost.
            (await Poll(lively)).Is(HttpStatusCode.OK);
            Pass(Seconds(4));
        }

        await Logged("queue/" + queue, "1 tokens ended");
        Assert.Equal("IDLE", (await Poll(quiet)).Is(ProblemCode.TokenEnded).Text("reason"));
        Assert.Equal("ACTIVE", (await Poll(lively)).Is(HttpStatusCode.OK).Text("status"));
    }

    [Fact]
    public async Task Step_9_5_Where_no_token_is_due_none_ends()
    {
        var queue = await Queue();
        var (active, waiting) = (await Active(queue), await Waiting(queue));
        Pass(Minutes(4.9));
        Assert.Equal(0, (await Figures(queue)).GetProperty("expiredTotal").GetInt64());
        Assert.Empty(Lines("queue/" + queue, "ended"));
        (await Poll(active)).Is(HttpStatusCode.OK);
        (await Poll(waiting)).Is(HttpStatusCode.OK);
    }
}
