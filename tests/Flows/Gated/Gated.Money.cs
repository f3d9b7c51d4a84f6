namespace OrleansConcert.Flows.Gated;

/// <summary>Steps 7 and 8: the wallet, which wants an ACTIVE token here.</summary>
public sealed partial class Gated
{
    [Fact]
    public async Task Step_7_1_A_token_that_is_invalid_or_not_active_charges_nothing()
    {
        var queue = await Queue();
        await RefusesInvalid(queue, caller => Charge(caller, 1000));
        await RefusesWaiting(queue, caller => Charge(caller, 1000));
        await RefusesExpired(queue, caller => Charge(caller, 1000));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("100000001")]
    public async Task Step_7_2_An_amount_out_of_bounds_is_refused(string amount)
    {
        var user = await Active(await Queue());
        (await Server.Post(Charges, user, $$"""{"amount":{{amount}}}""")).Is(ProblemCode.InvalidAmount);
        Assert.Equal(0, await Balance(user));
    }

    [Fact]
    public async Task Step_7_3_A_charge_adds_up_and_tells_the_balance()
    {
        var user = await Active(await Queue());
        Assert.Equal(1000, (await Charge(user, 1000)).Is(HttpStatusCode.Created)["balance"].GetInt64());
        Assert.Equal(1500, (await Charge(user, 500)).Is(HttpStatusCode.Created)["balance"].GetInt64());
    }

    [Fact]
    public async Task Step_7_4_Who_shows_no_queue_token_meets_the_gate_of_the_main_queue()
    {
        await using var own = await Theatre.Open();
        var server = own.Server;
        var user = await server.User();
        (await server.Get(Wallet, user)).Is(HttpStatusCode.OK);
        (await server.Send("PUT", "/v1/admin/queues/main", await server.Admin(), """{"preset":"gated"}""")).Is(HttpStatusCode.OK);
        (await server.Get(Wallet, user)).Is(ProblemCode.TokenMissing);
        (await server.Post(Charges, user, """{"amount":1000}""")).Is(ProblemCode.TokenMissing);
    }

    [Fact]
    public async Task Step_8_1_A_token_that_is_invalid_or_not_active_sees_no_balance()
    {
        var queue = await Queue();
        await RefusesInvalid(queue, caller => Server.Get(Wallet, caller));
        await RefusesWaiting(queue, caller => Server.Get(Wallet, caller));
        await RefusesExpired(queue, caller => Server.Get(Wallet, caller));
    }

    [Fact]
    public async Task Step_8_2_The_balance_is_told()
    {
        var user = await Active(await Queue());
        Assert.Equal(0, await Balance(user));
        (await Charge(user, 1000)).Is(HttpStatusCode.Created);
        var wallet = (await Server.Get(Wallet, user)).Is(HttpStatusCode.OK);
        Assert.Equal((user.UserId, 1000L), (wallet.Text("userId"), wallet["balance"].GetInt64()));
    }
}
