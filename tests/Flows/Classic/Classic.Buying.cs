namespace OrleansConcert.Flows.Classic;

/// <summary>Steps 2 to 4 and 7: dates, seats, holds and payment, each for ACTIVE tokens only.</summary>
public sealed partial class Classic
{
    [Fact]
    public async Task Step_2_1_A_token_that_is_not_active_sees_no_dates()
    {
        var sale = await Sale();
        await RefusesWaiting(sale.QueueId, caller => Dates(sale, caller));
        await RefusesExpired(sale.QueueId, caller => Dates(sale, caller));
        await RefusesInvalid(sale.QueueId, caller => Dates(sale, caller));
    }

    [Fact]
    public async Task Step_2_2_An_active_token_sees_the_dates()
    {
        var sale = await Sale();
        var dates = (await Dates(sale, await Active(sale.QueueId))).Is(HttpStatusCode.OK)["dates"];
        Assert.Equal(sale.Date, dates.EnumerateArray().Single().GetProperty("date").GetString());
    }

    [Fact]
    public async Task Step_3_1_A_token_that_is_not_active_sees_no_seats()
    {
        var sale = await Sale();
        await RefusesWaiting(sale.QueueId, caller => Seats(sale, caller));
        await RefusesExpired(sale.QueueId, caller => Seats(sale, caller));
        await RefusesInvalid(sale.QueueId, caller => Seats(sale, caller));
    }

    [Fact]
    public async Task Step_3_2_An_active_token_sees_the_free_seats()
    {
        var sale = await Sale();
        var visitor = await Active(sale.QueueId);
        (await Hold(sale, visitor)).Is(HttpStatusCode.Created);
        await Soon(() => Seats(sale, visitor, "?status=AVAILABLE"), got => got["seats"].GetArrayLength() == 11);
    }

    [Fact]
    public async Task Step_4_1_A_token_that_is_not_active_holds_nothing()
    {
        var sale = await Sale();
        await RefusesWaiting(sale.QueueId, caller => Hold(sale, caller));
        await RefusesExpired(sale.QueueId, caller => Hold(sale, caller));
        await RefusesInvalid(sale.QueueId, caller => Hold(sale, caller));
    }

    [Fact]
    public async Task Step_4_2_A_seat_that_cannot_be_had_is_refused()
    {
        var sale = await Sale();
        var (first, second) = (await Active(sale.QueueId), await Active(sale.QueueId));
        (await Hold(sale, first)).Is(HttpStatusCode.Created);
        (await Hold(sale, second)).Is(ProblemCode.SeatsTaken);
        (await Hold(sale, second, "Z-9-9")).Is(ProblemCode.SeatNotFound);
    }

    [Fact]
    public async Task Step_4_3_A_seat_that_can_be_had_is_held_for_5_minutes()
    {
        var sale = await Sale();
        var (holder, other) = (await Active(sale.QueueId), await Active(sale.QueueId));
        var held = (await Hold(sale, holder)).Is(HttpStatusCode.Created);
        Assert.Equal(Server.Now + Minutes(5), held["expiresAt"].GetDateTimeOffset());
        Pass(Minutes(5));
        (await Hold(sale, other)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_7_1_A_token_that_is_not_active_pays_nothing()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        await RefusesWaiting(sale.QueueId, caller => Pay(id, caller));
        await RefusesInvalid(sale.QueueId, caller => Pay(id, caller));
        await RefusesExpired(sale.QueueId, caller => Pay(id, caller));
        Assert.Equal(100_000, await Balance(buyer.OnlyAccess));
    }

    [Fact]
    public async Task Step_7_2_A_payment_that_fails_is_told_and_nothing_is_taken()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale, 999);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        (await Pay(id, buyer)).Is(ProblemCode.InsufficientBalance);
        (await Charge(buyer, 1)).Is(HttpStatusCode.Created);
        Journal.Refuse(append => Writes(append, "wallet/" + buyer.UserId, "Debited"));
        (await Pay(id, buyer)).Is(ProblemCode.Unavailable);
        Journal.Refuse(null);
        Assert.Equal(("HELD", 1000L), ((await Reservation(id, buyer)).Text("status"), await Balance(buyer)));
        var list = (await Server.Get("/v1/users/me/payments", buyer)).Is(HttpStatusCode.OK);
        Assert.Equal(0, list["payments"].GetArrayLength());
        (await Answered(() => Pay(id, buyer))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_7_3_A_payment_is_kept_assigns_the_seat_and_ends_the_token()
    {
        var sale = await Sale();
        var (buyer, looker) = (await Buyer(sale), await Active(sale.QueueId));
        var paid = (await Pay((await Hold(sale, buyer)).Text("reservationId"), buyer)).Is(HttpStatusCode.Created);
        Assert.Equal(99_000, paid["balanceAfter"].GetInt64());
        var list = await Soon(() => Server.Get("/v1/users/me/payments", buyer.OnlyAccess), got => got["payments"].GetArrayLength() == 1);
        Assert.Equal(paid.Json.GetRawText(), list["payments"][0].GetRawText());
        await Becomes("SOLD", sale, "A-1-1", looker);
        Assert.Equal("PAID", (await Becomes("DONE", buyer.OnlyToken)).Is(ProblemCode.TokenEnded).Text("reason"));
    }
}
