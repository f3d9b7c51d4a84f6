namespace OrleansConcert.Flows.Requeue;

/// <summary>Steps 6 and 7: payment, its list, and the wallet.</summary>
public sealed partial class Requeue
{
    [Fact]
    public async Task Step_6_1_1_A_payment_is_kept_gives_the_seat_and_ends_the_token()
    {
        var sale = await Sale();
        var (buyer, looker) = (await Buyer(sale), await Active(sale.QueueId));
        var id = (await Confirmed(sale, buyer)).Text("reservationId");
        var paid = (await Pay(id, buyer)).Is(HttpStatusCode.Created);
        Assert.Equal((id, 1000L), (paid.Text("reservationId"), paid["amount"].GetInt64()));
        await Soon(() => Server.Get("/v1/users/me/payments", buyer.OnlyAccess), got => got["payments"].GetArrayLength() == 1);
        await Becomes("SOLD", sale, "A-1-1", looker);
        var reservation = await Reservation(id, buyer);
        Assert.Equal(("PAID", buyer.UserId), (reservation.Text("status"), reservation.Text("userId")));
        Assert.Equal("PAID", (await Becomes("DONE", buyer.OnlyToken)).Is(ProblemCode.TokenEnded).Text("reason"));
    }

    [Fact]
    public async Task Step_6_1_2_An_invalid_token_pays_nothing()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var id = (await Confirmed(sale, buyer)).Text("reservationId");
        await RefusesInvalid(sale.QueueId, caller => Pay(id, caller));
        Assert.Equal("RESERVED", (await Reservation(id, buyer)).Text("status"));
        await RefusesExpired(sale.QueueId, caller => Pay(id, caller));
        Assert.Equal(100_000, await Balance(buyer.OnlyAccess));
    }

    [Fact]
    public async Task Step_6_1_3_A_balance_that_is_too_low_pays_nothing()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale, 999);
        var id = (await Confirmed(sale, buyer)).Text("reservationId");
        (await Pay(id, buyer)).Is(ProblemCode.InsufficientBalance);
        Assert.Equal(("RESERVED", 999L), ((await Reservation(id, buyer)).Text("status"), await Balance(buyer)));
    }

    [Fact]
    public async Task Step_6_1_4_A_hold_that_is_over_is_not_paid()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var id = (await Confirmed(sale, buyer)).Text("reservationId");
        await LetLapse(buyer);
        (await Pay(id, buyer)).Is(ProblemCode.HoldExpired);
        Assert.Equal(100_000, await Balance(buyer));
    }

    [Fact]
    public async Task Step_6_1_5_What_is_not_reserved_for_the_payer_is_not_paid()
    {
        var sale = await Sale();
        var (buyer, other) = (await Buyer(sale), await Buyer(sale));
        (await Pay("rsv.none.none", buyer)).Is(ProblemCode.ReservationNotFound);
        var id = (await Hold(sale, other)).Text("reservationId");
        (await Pay(id, buyer)).Is(ProblemCode.NotOwner);
        (await Pay(id, other)).Is(ProblemCode.ReservationNotConfirmed);
        (await Server.Send("DELETE", "/v1/reservations/" + id, other)).Is(HttpStatusCode.NoContent);
        (await Pay(id, other)).Is(ProblemCode.ReservationCancelled);
    }

    [Fact]
    public async Task Step_6_2_1_What_a_user_has_paid_is_listed()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var first = (await Pay((await Confirmed(sale, buyer, "A-1-1")).Text("reservationId"), buyer)).Is(HttpStatusCode.Created);
        await Becomes("DONE", buyer.OnlyToken);
        buyer = await Active(sale.QueueId, buyer);
        var second = (await Pay((await Confirmed(sale, buyer, "A-1-2")).Text("reservationId"), buyer)).Is(HttpStatusCode.Created);
        var list = await Soon(() => Server.Get("/v1/users/me/payments", buyer.OnlyAccess), got => got["payments"].GetArrayLength() == 2);
        Assert.Equal(
            [second.Json.GetRawText(), first.Json.GetRawText()], list["payments"].EnumerateArray().Select(one => one.GetRawText()));
    }

    [Fact]
    public async Task Step_6_2_2_Who_has_paid_nothing_has_an_empty_list()
    {
        var list = (await Server.Get("/v1/users/me/payments", await Server.User())).Is(HttpStatusCode.OK);
        Assert.Equal(0, list["payments"].GetArrayLength());
    }

    [Fact]
    public async Task Step_7_1_1_The_balance_is_told()
    {
        var user = await Server.User();
        Assert.Equal(0, await Balance(user));
        (await Charge(user, 42)).Is(HttpStatusCode.Created);
        Assert.Equal(42, await Balance(user));
    }

    [Fact]
    public async Task Step_7_2_1_A_charge_tells_the_new_balance()
    {
        var user = await Server.User();
        (await Charge(user, 42)).Is(HttpStatusCode.Created);
        Assert.Equal(50, (await Charge(user, 8)).Is(HttpStatusCode.Created)["balance"].GetInt64());
    }
}
