namespace OrleansConcert.Flows.Classic;

/// <summary>Steps 5 and 6: the wallet.</summary>
public sealed partial class Classic
{
    [Fact]
    public async Task Step_5_1_The_balance_is_told()
    {
        var user = await Server.User();
        Assert.Equal(0, await Balance(user));
        (await Charge(user, 3000)).Is(HttpStatusCode.Created);
        Assert.Equal(3000, await Balance(user));
    }

    [Fact]
    public async Task Step_6_1_A_charge_of_a_bad_amount_fails()
    {
        var user = await Server.User();
        foreach (var amount in new[] { "0", "-5", "100000001" })
        {
            (await Server.Post(Charges, user, $$"""{"amount":{{amount}}}""")).Is(ProblemCode.InvalidAmount);
        }

        (await Server.Post(Charges, user, """{"amount":"much"}""")).Is(ProblemCode.MalformedRequest);
        (await Server.Post(Charges, user, "{}")).Is(ProblemCode.InvalidArgument);
        Assert.Equal(0, await Balance(user));
    }

    [Fact]
    public async Task Step_6_2_A_charge_that_the_store_refuses_fails_and_nothing_is_charged()
    {
        var user = await Server.User();
        Journal.Refuse(append => append.Stream == "wallet/" + user.UserId);
        (await Server.Post(Charges, user, """{"amount":3000}""", "once")).Is(ProblemCode.Unavailable);
        Journal.Refuse(null);
        Assert.Equal(0, await Balance(user));
        (await Server.Post(Charges, user, """{"amount":3000}""", "once")).Is(HttpStatusCode.Created);
        Assert.Equal(3000, await Balance(user));
    }

    [Fact]
    public async Task Step_6_3_A_charge_that_is_done_is_told()
    {
        var user = await Server.User();
        var charged = (await Charge(user, 3000)).Is(HttpStatusCode.Created);
        Assert.Equal((user.UserId, 3000L), (charged.Text("userId"), charged["balance"].GetInt64()));
        var entries = (await Server.Get(Wallet + "/entries", user)).Is(HttpStatusCode.OK)["entries"];
        Assert.Equal(charged.Text("entryId"), entries.EnumerateArray().Single().GetProperty("entryId").GetString());
    }
}
