namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class RefundTests(Server server)
{
    [Fact]
    [Succeeds("POST /v1/admin/payments/{paymentId}/refund")]
    public async Task A_refund_gives_money_and_seats_back_once_whoever_asks_again_and_why()
    {
        var sale = await server.Sale();
        var (buyer, paid) = await Paid(sale);
        var admin = await server.Admin();
        server.Time.Advance(TimeSpan.FromSeconds(1));
        var refunded = (await Refund(admin, paid)).Is(HttpStatusCode.OK);
        var (given, taken) = (refunded.Json.GetRawText(), paid.Json.GetRawText());
        Assert.Equal(taken, given.Replace($",\"refundedAt\":\"{refunded.Text("refundedAt")}\"", "", StringComparison.Ordinal));
        Assert.Equal(server.Now.UtcDateTime, refunded["refundedAt"].GetDateTime().ToUniversalTime(), TimeSpan.FromMilliseconds(1));

        server.Time.Advance(TimeSpan.FromSeconds(1));
        var again = (await Refund(await server.Admin(), paid, """{"why":"another"}""", "key")).Is(HttpStatusCode.OK);
        Assert.Equal(refunded.Bytes, again.Bytes);
        Assert.False(again.IsReplayed);

        Assert.Equal(10_000, (await server.Get("/v1/users/me/wallet", buyer.OnlyAccess))["balance"].GetInt64());
        var entry = (await server.Get("/v1/users/me/wallet/entries?limit=1", buyer.OnlyAccess))["entries"][0];
        Assert.Equal(
            ("REFUND", 1000L, 10_000L, paid.Text("paymentId")),
            (entry.GetProperty("kind").GetString(), entry.GetProperty("amount").GetInt64(),
                entry.GetProperty("balanceAfter").GetInt64(), entry.GetProperty("paymentId").GetString()));
        var list = await server.Get("/v1/users/me/payments", buyer.OnlyAccess);
        Assert.Equal(given, list["payments"][0].GetRawText());
        var reservation = await server.Get("/v1/reservations/" + paid.Text("reservationId"), buyer.OnlyAccess);
        Assert.Equal("REFUNDED", reservation.Text("status"));
    }

    [Fact]
    public async Task The_seat_of_a_refund_is_sold_to_somebody_else()
    {
        var sale = await server.Sale();
        var (_, paid) = await Paid(sale);
        (await Refund(await server.Admin(), paid)).Is(HttpStatusCode.OK);
        var next = await server.Buyer(sale);
        Assert.Equal("AVAILABLE", await server.SeatStatus(sale, next, "A-1-1"));
        var held = (await server.Hold(sale, next, "A-1-1")).Is(HttpStatusCode.Created);
        (await server.Pay(next, held.Text("reservationId"))).Is(HttpStatusCode.Created);
        Assert.Equal("SOLD", await server.SeatStatus(sale, await server.Joins(sale.QueueId), "A-1-1"));
        var audit = (await server.Get("/v1/admin/audit/invariants", await server.Admin())).Is(HttpStatusCode.OK);
        Assert.True(audit["ok"].GetBoolean(), audit["findings"].GetRawText());
        Assert.True(audit["totals"].GetProperty("refunded").GetInt64() >= 1000);
    }

    [Fact]
    [Reaches("PAYMENT_NOT_FOUND")]
    public async Task A_payment_that_was_not_made_is_not_found()
    {
        var sale = await server.Sale();
        var admin = await server.Admin();
        foreach (var id in new[] { "none", "pay.none.x", $"pay.{sale.ScheduleId}.x", $"rsv.{sale.ScheduleId}.x", $"pay..x" })
        {
            var got = await server.Post($"/v1/admin/payments/{id}/refund", admin, """{"why":"rain"}""");
            Assert.False(got.Is(ProblemCode.PaymentNotFound)["retryable"].GetBoolean());
        }
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"why":null}""")]
    [InlineData("""{"why":" "}""")]
    [InlineData("""{"why":"a\nb"}""")]
    public async Task A_refund_says_why(string json) =>
        (await server.Post("/v1/admin/payments/p/refund", await server.Admin(), json)).Is(ProblemCode.InvalidArgument);

    [Fact]
    public async Task A_reason_has_at_most_200_characters()
    {
        var (admin, sale) = (await server.Admin(), await server.Sale());
        var (_, paid) = await Paid(sale);
        (await Refund(admin, paid, $$"""{"why":"{{new string('x', 201)}}"}""")).Is(ProblemCode.InvalidArgument);
        (await Refund(admin, paid, $$"""{"why":"{{new string('x', 200)}}"}""")).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Only_admins_refund()
    {
        var (buyer, paid) = await Paid(await server.Sale());
        (await Refund(buyer.OnlyAccess, paid)).Is(ProblemCode.AdminOnly);
        Assert.Equal(9_000, (await server.Get("/v1/users/me/wallet", buyer.OnlyAccess))["balance"].GetInt64());
    }

    private async Task<(Visitor Buyer, Got Paid)> Paid(Sale sale)
    {
        var buyer = await server.Buyer(sale, 10_000);
        var held = (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
        return (buyer, (await server.Pay(buyer, held)).Is(HttpStatusCode.Created));
    }

    private Task<Got> Refund(Visitor admin, Got paid, string json = """{"why":"rain"}""", string? key = null) =>
        server.Post($"/v1/admin/payments/{paid.Text("paymentId")}/refund", admin, json, key);
}
