namespace OrleansConcert.Flows.Batch;

/// <summary>Step 10: the whole way from the first charge to the ticket, and where it may break off.</summary>
public sealed partial class Batch
{
    [Fact]
    public async Task Step_10_1_From_a_charge_over_the_queue_to_a_seat_that_is_paid()
    {
        var sale = await Sale();
        var user = await Server.User();
        (await Charge(user, 500)).Is(HttpStatusCode.Created);
        var buyer = await Joined(sale.QueueId, user);
        Assert.Equal("WAITING", (await Poll(buyer)).Text("status"));
        Pass(Minutes(1));
        await Becomes("ACTIVE", buyer);
        (await SeatsOn(sale, sale.Date, buyer)).Is(HttpStatusCode.OK);
        var id = (await Hold(sale, buyer)).Is(HttpStatusCode.Created).Text("reservationId");
        (await Pay(id, buyer)).Is(ProblemCode.InsufficientBalance);
        (await Charge(buyer, 500)).Is(HttpStatusCode.Created);
        Assert.Equal(0, (await Pay(id, buyer)).Is(HttpStatusCode.Created)["balanceAfter"].GetInt64());
    }

    [Fact]
    public async Task Step_10_2_Whose_token_runs_out_before_the_seats_are_seen_is_told_so()
    {
        var sale = await Sale();
        await RefusesExpired(sale.QueueId, caller => Seats(sale, caller));
    }

    [Fact]
    public async Task Step_10_3_Whose_token_runs_out_before_the_hold_is_told_so()
    {
        var sale = await Sale();
        await RefusesExpired(sale.QueueId, caller => Hold(sale, caller));
    }

    [Fact]
    public async Task Step_10_4_Who_finds_the_hold_over_may_hold_again()
    {
        var sale = await Sale();
        var buyer = await Active(sale.QueueId);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        Pass(Minutes(5));
        Assert.Equal("EXPIRED", (await Reservation(id, buyer)).Text("status"));
        (await Hold(sale, buyer)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_10_5_Who_has_too_little_charges_and_asks_again()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale, 1);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        Assert.Equal(1, (await Pay(id, buyer)).Is(ProblemCode.InsufficientBalance)["balance"].GetInt64());
        (await Charge(buyer, 999)).Is(HttpStatusCode.Created);
        (await Pay(id, buyer)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_10_6_Whose_token_runs_out_before_the_payment_is_told_so()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        Pass(Minutes(11));
        Assert.Equal("EXPIRED", (await Pay(id, buyer)).Is(ProblemCode.TokenEnded).Text("tokenStatus"));
        Assert.Equal(100_000, await Balance(buyer.OnlyAccess));
    }

    [Fact]
    public async Task Step_10_7_Whose_hold_runs_out_before_the_payment_is_told_so()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        Pass(Minutes(5));
        (await Pay(id, buyer)).Is(ProblemCode.HoldExpired);
        Assert.Equal(100_000, await Balance(buyer));
    }
}
