namespace OrleansConcert.Flows.Capacity;

/// <summary>Steps 4 and 7: seats are held, and paid.</summary>
public sealed partial class Capacity
{
    [Fact]
    public async Task Step_4_1_An_expired_token_holds_nothing()
    {
        var sale = await Sale();
        await RefusesExpired(sale.QueueId, caller => HoldOn(sale, sale.Date, caller));
        await RefusesInvalid(sale.QueueId, caller => HoldOn(sale, sale.Date, caller));
        await RefusesWaiting(sale.QueueId, caller => HoldOn(sale, sale.Date, caller));
    }

    [Fact]
    public async Task Step_4_2_A_seat_that_is_taken_is_refused()
    {
        var sale = await Sale();
        var (first, second) = (await Active(sale.QueueId), await Active(sale.QueueId));
        (await HoldOn(sale, sale.Date, first)).Is(HttpStatusCode.Created);
        (await HoldOn(sale, sale.Date, second)).Is(ProblemCode.SeatsTaken);
    }

    [Fact]
    public async Task Step_4_3_A_free_seat_of_a_date_is_held()
    {
        var sale = await Sale();
        var held = (await HoldOn(sale, sale.Date, await Active(sale.QueueId), "A-2-2")).Is(HttpStatusCode.Created);
        Assert.Equal(("HELD", "A-2-2"), (held.Text("status"), held["seats"][0].GetProperty("seatId").GetString()));
        Assert.Equal(300_000, held["expiresInMs"].GetInt64());
    }

    [Fact]
    public async Task Step_4_4_A_hold_unpaid_for_5_minutes_is_given_back()
    {
        var sale = await Sale();
        var (holder, next) = (await Active(sale.QueueId), await Active(sale.QueueId));
        var id = (await Hold(sale, holder)).Text("reservationId");
        Pass(Minutes(5));
        await Logged("schedule/" + sale.ScheduleId, "1 holds lapsed");
        Assert.Equal("EXPIRED", (await Reservation(id, holder)).Text("status"));
        var kept = (await Server.Get("/v1/users/me/reservations", holder)).Is(HttpStatusCode.OK);
        Assert.Equal(0, kept["reservations"].GetArrayLength());
        (await Hold(sale, next)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_4_5_A_token_that_holds_nothing_expires_after_30_minutes_and_one_that_does_with_its_hold()
    {
        var sale = await Sale();
        var (idle, holder) = (await Active(sale.QueueId), await Active(sale.QueueId));
        Pass(Minutes(28));
        (await Hold(sale, holder)).Is(HttpStatusCode.Created);
        Pass(Minutes(2));
        (await Poll(idle)).Is(ProblemCode.TokenEnded);
        Assert.Equal("ACTIVE", (await Poll(holder)).Is(HttpStatusCode.OK).Text("status"));
        Pass(Minutes(3));
        Assert.Equal("TTL", (await Becomes("EXPIRED", holder)).Text("reason"));
    }

    [Fact]
    public async Task Step_7_1_An_expired_token_pays_nothing()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        await RefusesInvalid(sale.QueueId, caller => Pay(id, caller));
        await RefusesExpired(sale.QueueId, caller => Pay(id, caller));
        (await Pay(id, buyer.OnlyToken)).Is(ProblemCode.TokenEnded);
        await RefusesWaiting(sale.QueueId, caller => Pay(id, caller));
        Assert.Equal(100_000, await Balance(buyer));
    }

    [Fact]
    public async Task Step_7_2_A_balance_that_is_too_low_is_told()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale, 999);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        (await Pay(id, buyer)).Is(ProblemCode.InsufficientBalance);
        Assert.Equal(999, await Balance(buyer));
    }

    [Fact]
    public async Task Step_7_3_A_payment_takes_the_price_and_assigns_the_seat()
    {
        var sale = await Sale();
        var (buyer, looker) = (await Buyer(sale), await Active(sale.QueueId));
        var id = (await Hold(sale, buyer)).Text("reservationId");
        (await Pay(id, buyer)).Is(HttpStatusCode.Created);
        Assert.Equal(99_000, await Balance(buyer.OnlyAccess));
        Assert.Equal("PAID", (await Reservation(id, buyer)).Text("status"));
        await Becomes("SOLD", sale, "A-1-1", looker);
    }

    [Fact]
    public async Task Step_7_4_The_last_seat_paid_sells_the_concert_out()
    {
        var sale = await Sale(sections: """[{"name":"A","rows":1,"seatsPerRow":2,"price":1000}]""");
        var (first, second, looker) = (await Buyer(sale), await Buyer(sale), await Active(sale.QueueId));
        (await Pay((await Hold(sale, first, "A-1-1")).Text("reservationId"), first)).Is(HttpStatusCode.Created);
        var id = (await Hold(sale, second, "A-1-2")).Text("reservationId");
        await Soon(() => Schedules(sale, looker), got => Only(got).GetProperty("seatsAvailable").GetInt64() == 0);
        Assert.False((await Server.Get("/v1/concerts/" + sale.ConcertId))["soldOut"].GetBoolean());
        (await Pay(id, second)).Is(HttpStatusCode.Created);
        await Soon(() => Server.Get("/v1/concerts/" + sale.ConcertId), got => got["soldOut"].GetBoolean());
        await Soon(() => Schedules(sale, looker), got => Only(got).GetProperty("soldOut").GetBoolean());
        await Soon(() => Dates(sale, looker), got => got["dates"].GetArrayLength() == 0);
    }

    [Fact]
    public async Task Step_7_5_A_payment_ends_the_token_as_done()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        (await Pay((await Hold(sale, buyer)).Text("reservationId"), buyer)).Is(HttpStatusCode.Created);
        Assert.Equal("PAID", (await Becomes("DONE", buyer.OnlyToken)).Is(ProblemCode.TokenEnded).Text("reason"));
        Assert.Equal(1, (await Figures(sale.QueueId)).GetProperty("doneTotal").GetInt64());
    }

    [Fact]
    public async Task Step_7_6_The_payer_is_given_a_receipt()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        var receipt = (await Pay(id, buyer)).Is(HttpStatusCode.Created);
        Assert.Equal((id, buyer.UserId), (receipt.Text("reservationId"), receipt.Text("userId")));
        Assert.Equal("A-1-1", receipt["seats"].EnumerateArray().Single().GetProperty("seatId").GetString());
        Assert.Equal((1000L, 99_000L), (receipt["amount"].GetInt64(), receipt["balanceAfter"].GetInt64()));
        Assert.Equal(Server.Now, receipt["paidAt"].GetDateTimeOffset());
    }

    private Task<Got> Schedules(Sale sale, Visitor visitor) => Server.Get($"/v1/concerts/{sale.ConcertId}/schedules", visitor);

    private static JsonElement Only(Got got) => got["schedules"].EnumerateArray().Single();
}
