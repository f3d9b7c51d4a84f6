using Microsoft.Extensions.Logging;

namespace OrleansConcert.Flows.Requeue;

/// <summary>Step 8: what the system does by itself, what it writes into the log of it, and what it does when it can't.</summary>
public sealed partial class Requeue
{
    private const string Failed = "what is due could not be done";

    /// <summary>5 minutes, and as late as an idle end may come.</summary>
    private static readonly TimeSpan LongQuiet = Minutes(5) + Seconds(4);

    [Fact]
    public async Task Step_8_1_1_Every_call_counts_as_being_there()
    {
        var sale = await Sale();
        var (active, waiting) = (await Active(sale.QueueId), await Waiting(sale.QueueId));
        (await Server.Post($"/v1/admin/queues/{sale.QueueId}/pause", await Server.Admin())).Is(HttpStatusCode.OK);
        for (var call = 0; call < 3; call++)
        {
            Pass(Minutes(4));
            (await Seats(sale, active)).Is(HttpStatusCode.OK);
            (await Seats(sale, waiting)).Is(ProblemCode.TokenNotActive);
        }
    }

    [Fact]
    public async Task Step_8_1_2_Who_is_not_heard_of_for_5_minutes_is_taken_out_of_the_queue()
    {
        var queue = await Queue();
        var (quiet, lively) = (await Waiting(queue), await Joined(queue));
        (await Server.Post($"/v1/admin/queues/{queue}/pause", await Server.Admin())).Is(HttpStatusCode.OK);
        Pass(Minutes(4));
        Assert.Equal(2, (await Poll(lively))["position"].GetInt64());
        Pass(LongQuiet - Minutes(4));
        await Soon(() => Poll(lively), got => got["position"].GetInt64() == 1);
        Assert.Equal(1, (await Figures(queue)).GetProperty("waiting").GetInt64());
        Assert.Equal("IDLE", (await Poll(quiet)).Is(ProblemCode.TokenEnded).Text("reason"));
    }

    [Fact]
    public async Task Step_8_1_3_The_token_of_who_was_taken_out_is_void()
    {
        var sale = await Sale();
        var quiet = await Active(sale.QueueId);
        Pass(LongQuiet);
        await Logged("queue/" + sale.QueueId, "tokens ended");
        foreach (var call in new[] { Poll(quiet.OnlyToken), Dates(sale, quiet), Hold(sale, quiet), Pay("rsv.a.b", quiet) })
        {
            Assert.Equal("EXPIRED", (await call).Is(ProblemCode.TokenEnded).Text("tokenStatus"));
        }
    }

    [Fact]
    public async Task Step_8_1_4_The_log_says_how_many_were_taken_out()
    {
        var queue = await Queue();
        await Crowd(queue, 3);
        Pass(LongQuiet);
        var line = await Logged("queue/" + queue, "tokens ended");
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Matches("^queue/[a-z0-9-]+: 3 tokens ended, the oldest [0-9]+ ms ago; durable after [0-9]+ ms$", line.Text);
    }

    [Fact]
    public async Task Step_8_2_1_A_hold_is_kept_until_its_5_minutes_are_over()
    {
        var sale = await Sale();
        var holder = await Active(sale.QueueId);
        var id = (await Hold(sale, holder)).Text("reservationId");
        Pass(Minutes(5) - Seconds(0.001));
        Assert.Equal("HELD", (await Reservation(id, holder)).Text("status"));
        Assert.Empty(Lines("schedule/" + sale.ScheduleId, "lapsed"));
    }

    [Fact]
    public async Task Step_8_2_2_A_hold_whose_time_is_over_ends_by_itself_confirmed_or_not()
    {
        var sale = await Sale();
        var holder = await Active(sale.QueueId);
        var (held, reserved) = (await Hold(sale, holder, "A-1-1"), await Confirmed(sale, holder, "A-1-2"));
        Pass(Minutes(5));
        var line = await Logged("schedule/" + sale.ScheduleId, "holds lapsed");
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Matches("^schedule/[a-z0-9-]+: 2 holds lapsed, the oldest [0-9]+ ms ago; durable after [0-9]+ ms$", line.Text);
        Assert.Equal("EXPIRED", (await Reservation(held.Text("reservationId"), holder)).Text("status"));
        Assert.Equal("EXPIRED", (await Reservation(reserved.Text("reservationId"), holder)).Text("status"));
    }

    [Fact]
    public async Task Step_8_2_3_The_seat_of_a_hold_that_is_over_can_be_had_again()
    {
        var sale = await Sale();
        var (holder, other) = (await Active(sale.QueueId), await Active(sale.QueueId));
        (await Hold(sale, holder)).Is(HttpStatusCode.Created);
        await LetLapse(other);
        await Becomes("AVAILABLE", sale, "A-1-1", other);
        (await Hold(sale, other)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_8_3_1_Where_ending_tokens_fails_the_log_says_so_and_it_is_done_later()
    {
        var queue = await Queue();
        var visitor = await Active(queue);
        for (var poll = 0; poll < 7; poll++)
        {
            Pass(Minutes(4));
            (await Poll(visitor)).Is(HttpStatusCode.OK);
        }

        Journal.Refuse(append => append.Stream == "queue/" + queue);
        Pass(Minutes(2));
        Assert.Equal(LogLevel.Error, (await Logged("queue/" + queue, Failed)).Level);
        Assert.Empty(Lines("queue/" + queue, "tokens ended"));
        Journal.Refuse(null);
        Assert.Equal("TTL", (await Becomes("EXPIRED", visitor)).Text("reason"));
        await Logged("queue/" + queue, "1 tokens ended");
    }

    [Fact]
    public async Task Step_8_3_2_Where_ending_holds_fails_the_log_says_so_and_it_is_done_later()
    {
        var sale = await Sale();
        var (holder, other) = (await Active(sale.QueueId), await Active(sale.QueueId));
        (await Hold(sale, holder)).Is(HttpStatusCode.Created);
        Pass(Minutes(3));
        (await Poll(other)).Is(HttpStatusCode.OK);
        Journal.Refuse(append => append.Stream == "schedule/" + sale.ScheduleId);
        Pass(Minutes(2));
        Assert.Equal(LogLevel.Error, (await Logged("schedule/" + sale.ScheduleId, Failed)).Level);
        Assert.Empty(Lines("schedule/" + sale.ScheduleId, "holds lapsed"));
        Journal.Refuse(null);
        await Becomes("AVAILABLE", sale, "A-1-1", other);
        await Logged("schedule/" + sale.ScheduleId, "holds lapsed");
    }
}
