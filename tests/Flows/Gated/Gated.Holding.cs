namespace OrleansConcert.Flows.Gated;

/// <summary>Steps 5 and 10: seats are held, and given back when nobody pays.</summary>
public sealed partial class Gated
{
    [Fact]
    public async Task Step_5_1_An_invalid_token_holds_nothing()
    {
        var sale = await Sale();
        await RefusesInvalid(sale.QueueId, caller => Hold(sale, caller));
        await Becomes("AVAILABLE", sale, "A-1-1", await Active(sale.QueueId));
    }

    [Fact]
    public async Task Step_5_2_A_token_that_is_not_active_holds_nothing()
    {
        var sale = await Sale();
        await RefusesWaiting(sale.QueueId, caller => Hold(sale, caller));
        await RefusesExpired(sale.QueueId, caller => Hold(sale, caller));
    }

    [Fact]
    public async Task Step_5_3_A_seat_already_held_is_refused()
    {
        var sale = await Sale();
        var (first, second) = (await Active(sale.QueueId), await Active(sale.QueueId));
        (await Hold(sale, first)).Is(HttpStatusCode.Created);
        var taken = (await Hold(sale, second)).Is(ProblemCode.SeatsTaken);
        Assert.Equal("A-1-1", taken["seats"][0].GetString());
    }

    [Fact]
    public async Task Step_5_4_A_free_seat_is_held_and_that_is_told()
    {
        var sale = await Sale();
        var held = (await Hold(sale, await Active(sale.QueueId))).Is(HttpStatusCode.Created);
        Assert.Equal(("HELD", "A-1-1"), (held.Text("status"), held["seats"][0].GetProperty("seatId").GetString()));
        Assert.Equal(Server.Now + Minutes(5), held["expiresAt"].GetDateTimeOffset());
    }

    [Fact]
    public async Task Step_5_5_A_held_seat_is_locked_for_everybody_else()
    {
        var sale = await Sale();
        var (first, second) = (await Active(sale.QueueId), await Active(sale.QueueId));
        var answers = await Task.WhenAll(Hold(sale, first), Hold(sale, second));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Single(answers, answer => answer.Code == "SEATS_TAKEN");
    }

    [Fact]
    public async Task Step_10_1_A_hold_unpaid_for_5_minutes_is_given_back_by_itself()
    {
        var sale = await Sale();
        var (holder, next) = (await Active(sale.QueueId), await Active(sale.QueueId));
        var held = (await Hold(sale, holder)).Is(HttpStatusCode.Created);
        Pass(Minutes(5) - Seconds(0.001));
        (await Hold(sale, next)).Is(ProblemCode.SeatsTaken);
        Pass(Seconds(0.001));
        var line = await Logged("schedule/" + sale.ScheduleId, "1 holds lapsed");
        Assert.Matches("the oldest [0-9]+ ms ago", line.Text);
        await Becomes("AVAILABLE", sale, "A-1-1", next);
        (await Hold(sale, next)).Is(HttpStatusCode.Created);
        Assert.Equal("EXPIRED", (await Reservation(held.Text("reservationId"), holder)).Text("status"));
    }

    [Fact]
    public async Task Step_10_2_Where_no_hold_is_due_nothing_happens()
    {
        var sale = await Sale();
        var holder = await Active(sale.QueueId);
        (await Hold(sale, holder)).Is(HttpStatusCode.Created);
        Pass(Minutes(4.9));
        Assert.Equal("HELD", StatusOf(await Seats(sale, holder), "A-1-1"));
        Assert.Empty(Lines("schedule/" + sale.ScheduleId, "lapsed"));
    }
}
