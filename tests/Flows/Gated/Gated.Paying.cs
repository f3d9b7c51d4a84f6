namespace OrleansConcert.Flows.Gated;

/// <summary>Step 6: a hold is paid.</summary>
public sealed partial class Gated
{
    [Fact]
    public async Task Step_6_1_A_token_that_is_invalid_or_not_active_pays_nothing()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        await RefusesInvalid(sale.QueueId, caller => Pay(id, caller));
        await RefusesWaiting(sale.QueueId, caller => Pay(id, caller));
        Assert.Equal("HELD", (await Reservation(id, buyer)).Text("status"));
        await RefusesExpired(sale.QueueId, caller => Pay(id, caller));
    }

    [Fact]
    public async Task Step_6_2_A_seat_that_is_not_held_any_more_is_not_paid()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var (lapsing, given) = (await Hold(sale, buyer, "A-1-1"), await Hold(sale, buyer, "A-1-2"));
        (await Server.Send("DELETE", "/v1/reservations/" + given.Text("reservationId"), buyer)).Is(HttpStatusCode.NoContent);
        (await Pay(given.Text("reservationId"), buyer)).Is(ProblemCode.ReservationCancelled);
        (await Server.Post("/v1/payments", buyer, $$"""{"scheduleId":"{{sale.ScheduleId}}","seats":["A-3-3"]}"""))
            .Is(ProblemCode.ReservationNotFound);
        await LetLapse(lapsing, buyer);
        (await Pay(lapsing.Text("reservationId"), buyer)).Is(ProblemCode.HoldExpired);
        Assert.Equal(100_000, await Balance(buyer));
    }

    [Fact]
    public async Task Step_6_3_A_seat_held_by_somebody_else_is_not_paid()
    {
        var sale = await Sale();
        var (holder, buyer) = (await Active(sale.QueueId), await Buyer(sale));
        var id = (await Hold(sale, holder)).Text("reservationId");
        (await Pay(id, buyer)).Is(ProblemCode.NotOwner);
        Assert.Equal(100_000, await Balance(buyer));
    }

    [Fact]
    public async Task Step_6_4_A_balance_that_is_too_low_is_told_and_nothing_is_taken()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale, 999);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        var refused = (await Pay(id, buyer)).Is(ProblemCode.InsufficientBalance);
        Assert.Equal((999L, 1000L), (refused["balance"].GetInt64(), refused["amount"].GetInt64()));
        Assert.Equal(("HELD", 999L), ((await Reservation(id, buyer)).Text("status"), await Balance(buyer)));
    }

    [Fact]
    public async Task Step_6_5_A_payment_takes_the_money_keeps_a_receipt_and_sells_the_seat()
    {
        var sale = await Sale();
        var (buyer, looker) = (await Buyer(sale), await Active(sale.QueueId));
        var paid = (await Pay((await Hold(sale, buyer)).Text("reservationId"), buyer)).Is(HttpStatusCode.Created);
        Assert.Equal((1000L, 99_000L), (paid["amount"].GetInt64(), paid["balanceAfter"].GetInt64()));
        await Becomes("SOLD", sale, "A-1-1", looker);
        await Soon(() => Server.Get("/v1/users/me/payments", buyer.OnlyAccess), got =>
            got["payments"].EnumerateArray().Any(one => one.GetRawText() == paid.Json.GetRawText()));
    }

    [Fact]
    public async Task Step_6_6_A_payment_that_the_store_refuses_takes_nothing_and_leaves_the_hold()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var held = await Hold(sale, buyer);
        var id = held.Text("reservationId");
        (string, string)[] writes = [("schedule/" + sale.ScheduleId, "PaymentStarted"), ("wallet/" + buyer.UserId, "Debited")];
        foreach (var (stream, happening) in writes)
        {
            Journal.Refuse(append => Writes(append, stream, happening));
            var refused = (await Pay(id, buyer)).Is(ProblemCode.Unavailable);
            Assert.NotNull(refused.Response.Headers.RetryAfter);
            Journal.Refuse(null);
            var kept = await Reservation(id, buyer);
            Assert.Equal(("HELD", held["expiresAt"].GetRawText()), (kept.Text("status"), kept["expiresAt"].GetRawText()));
            Assert.Equal(100_000, await Balance(buyer));
            await Becomes("HELD", sale, "A-1-1", buyer);
        }

        (await Answered(() => Pay(id, buyer))).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_6_7_A_payment_uses_the_token_up()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var paid = await Pay((await Hold(sale, buyer)).Text("reservationId"), buyer);
        var ended = (await Becomes("DONE", buyer.OnlyToken)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("PAID", paid.Text("paymentId")), (ended.Text("reason"), ended.Text("paymentId")));
    }

    [Fact]
    public async Task Step_6_8_The_payer_is_told_that_it_is_paid()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        var paid = (await Pay(id, buyer)).Is(HttpStatusCode.Created);
        Assert.Equal((id, "DONE"), (paid.Text("reservationId"), paid.Text("tokenStatus")));
        Assert.Equal("PAID", (await Reservation(id, buyer)).Text("status"));
    }

    /// <summary>Passes the deadline of a hold, with the owner seen in between.</summary>
    private async Task LetLapse(Got held, Visitor owner)
    {
        var left = held["expiresAt"].GetDateTimeOffset() - Server.Now;
        Pass(left / 2);
        (await Poll(owner)).Is(HttpStatusCode.OK);
        Pass(left / 2);
    }
}
