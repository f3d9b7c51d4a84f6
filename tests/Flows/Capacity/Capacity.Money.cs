namespace OrleansConcert.Flows.Capacity;

/// <summary>Steps 5 and 6: the wallet, which asks for no token here.</summary>
public sealed partial class Capacity
{
    [Theory]
    [InlineData("0")]
    [InlineData("-1000")]
    public async Task Step_5_1_An_amount_of_zero_or_less_is_refused(string amount)
    {
        var user = await Server.User();
        (await Server.Post(Charges, user, $$"""{"amount":{{amount}}}""")).Is(ProblemCode.InvalidAmount);
        Assert.Equal(0, await Balance(user));
    }

    [Fact]
    public async Task Step_5_2_A_charge_is_done_and_told()
    {
        var user = await Server.User();
        var charged = (await Charge(user, 1)).Is(HttpStatusCode.Created);
        Assert.Equal((user.UserId, 1L), (charged.Text("userId"), charged["balance"].GetInt64()));
    }

    [Fact]
    public async Task Step_6_1_The_balance_is_told()
    {
        var user = await Server.User();
        Assert.Equal(0, await Balance(user));
        (await Charge(user, 2000)).Is(HttpStatusCode.Created);
        Assert.Equal(2000, await Balance(user));
    }
}
