using OrleansConcert.Domain;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class PaymentTests(Server server)
{
    [Fact]
    [Succeeds("POST /v1/payments", "GET /v1/users/me/payments")]
    public async Task A_payment_takes_the_money_sells_the_seats_and_ends_the_token()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale, 10_000);
        var held = await server.Hold(sale, buyer, "A-1-1", "A-1-2");
        var other = (await server.Hold(sale, buyer, "A-3-3")).Text("reservationId");
        var paid = (await server.Pay(buyer, held.Text("reservationId"))).Is(HttpStatusCode.Created);
        Assert.Equal((2000L, 8000L, "DONE"), (paid["amount"].GetInt64(), paid["balanceAfter"].GetInt64(), paid.Text("tokenStatus")));

        var ended = await Server.Until(() => server.Get("/v1/queue-tokens/me", buyer.OnlyToken), got => got.Code is not null);
        Assert.Equal(("DONE", "PAID"), (ended.Is(ProblemCode.TokenEnded).Text("tokenStatus"), ended.Text("reason")));
        Assert.Equal(paid.Text("paymentId"), ended.Text("paymentId"));
        var looker = await server.Joins(sale.QueueId);
        Assert.Equal("SOLD", await server.SeatStatus(sale, looker, "A-1-1"));
        await Server.Until(
            () => server.Get("/v1/reservations/" + other, buyer.OnlyAccess), got => got.Text("status") == "CANCELLED");

        var list = await Server.Until(
            () => server.Get("/v1/users/me/payments", buyer.OnlyAccess), got => got["payments"].GetArrayLength() == 1);
        Assert.Equal(paid.Json.GetRawText(), list["payments"][0].GetRawText());
        var sold = (await server.Get("/v1/reservations/" + held.Text("reservationId"), buyer.OnlyAccess)).Is(HttpStatusCode.OK);
        Assert.Equal(("PAID", paid.Text("paymentId")), (sold.Text("status"), sold.Text("paymentId")));
    }

    [Fact]
    [Reaches("INSUFFICIENT_BALANCE")]
    public async Task Who_has_too_little_keeps_the_hold_and_may_charge_and_pay()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale, 999);
        var id = (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
        var got = (await server.Pay(buyer, id, "same")).Is(ProblemCode.InsufficientBalance);
        Assert.Equal((999L, 1000L), (got["balance"].GetInt64(), got["amount"].GetInt64()));
        Assert.Equal("HELD", (await server.Get("/v1/reservations/" + id, buyer)).Text("status"));
        (await server.Post("/v1/users/me/wallet/charges", buyer, """{"amount":1}""")).Is(HttpStatusCode.Created);
        (await server.Pay(buyer, id, "same")).Is(HttpStatusCode.Created);
    }

    [Fact]
    [Reaches("ALREADY_PAID")]
    public async Task A_paid_reservation_is_not_paid_twice()
    {
        var sale = await server.Sale(policy: """{"tokenPerPayment":false}""");
        var buyer = await server.Buyer(sale, 10_000);
        var id = (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
        var paid = (await server.Pay(buyer, id)).Is(HttpStatusCode.Created);
        Assert.Equal("ACTIVE", paid.Text("tokenStatus"));
        Assert.Equal(paid.Text("paymentId"), (await server.Pay(buyer, id)).Is(ProblemCode.AlreadyPaid).Text("paymentId"));
        Assert.Equal(9000, (await server.Get("/v1/users/me/wallet", buyer))["balance"].GetInt64());
    }

    [Fact]
    [Reaches("RESERVATION_NOT_FOUND", "SCHEDULE_NOT_FOUND", "HOLD_EXPIRED")]
    public async Task Seats_stand_for_the_newest_reservation_of_exactly_them()
    {
        var sale = await server.Sale(policy: """{"tokenPerPayment":false}""");
        var buyer = await server.Buyer(sale);
        (await server.Hold(sale, buyer, "A-1-1", "A-1-2")).Is(HttpStatusCode.Created);
        (await BySeats(sale, buyer, """["A-1-1"]""")).Is(ProblemCode.ReservationNotFound);
        (await BySeats(sale, buyer, """["A-9-9"]""")).Is(ProblemCode.ReservationNotFound);
        (await BySeats(sale with { ScheduleId = "none" }, buyer, """["A-1-1"]""")).Is(ProblemCode.ScheduleNotFound);
        (await BySeats(sale, buyer, """["A-1-2","A-1-1"]""")).Is(HttpStatusCode.Created);

        (await server.Hold(sale, buyer, "A-2-1")).Is(HttpStatusCode.Created);
        server.Time.Advance(TimeSpan.FromSeconds(299));
        (await server.Get("/v1/queue-tokens/me", buyer)).Is(HttpStatusCode.OK);
        server.Time.Advance(TimeSpan.FromSeconds(1));
        (await BySeats(sale, buyer, """["A-2-1"]""")).Is(ProblemCode.HoldExpired);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"scheduleId":"s"}""")]
    [InlineData("""{"seats":["A-1-1"]}""")]
    [InlineData("""{"scheduleId":"s","seats":[]}""")]
    [InlineData("""{"scheduleId":"s","seats":["A-1-1","A-1-1"]}""")]
    [InlineData("""{"reservationId":"r","scheduleId":"s"}""")]
    public async Task A_payment_says_in_one_way_what_it_is_of(string json) => (await server.Post(
        "/v1/payments", await server.Joins(await server.Queue()), json)).Is(ProblemCode.InvalidArgument);

    [Fact]
    public async Task Of_many_payments_of_one_reservation_one_takes_the_money()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale, 10_000);
        var id = (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.Pay(buyer, id)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.All(
            answers.Where(answer => answer.IsProblem),
            answer => Assert.Contains(answer.Code, new[] { "PAYMENT_IN_PROGRESS", "ALREADY_PAID", "TOKEN_ENDED" }));
        Assert.Equal(9000, (await server.Get("/v1/users/me/wallet", buyer.OnlyAccess))["balance"].GetInt64());
    }

    /// <summary>A payment is in flight for less than a test can hit, so what is said of one is looked at by itself.</summary>
    [Fact]
    [Reaches("PAYMENT_IN_PROGRESS")]
    public void A_payment_in_flight_is_said_to_be_worth_a_retry()
    {
        foreach (Refused refused in new Refused[]
        {
            new SeatRefused(SeatRefusal.PaymentInProgress), new WalletRefused(WalletRefusal.PaymentVoided),
        })
        {
            var problem = refused.ToProblem();
            Assert.True(problem.Code.Retryable);
            Observed.Code(problem.Code.Code);
        }
    }

    [Fact]
    [Succeeds("GET /v1/admin/audit/invariants")]
    public async Task Everything_adds_up_after_all_that()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale, 10_000);
        (await server.Pay(buyer, (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId"))).Is(HttpStatusCode.Created);
        var got = (await server.Get("/v1/admin/audit/invariants", await server.Admin())).Is(HttpStatusCode.OK);
        Assert.True(got["ok"].GetBoolean(), got["findings"].GetRawText());
        var totals = got["totals"];
        long Total(string name) => totals.GetProperty(name).GetInt64();
        Assert.Equal(Total("charged"), Total("paid") - Total("refunded") + Total("balances"));
        Assert.Equal(Total("paid") - Total("refunded"), Total("soldValue"));
    }

    private Task<Got> BySeats(Sale sale, Visitor buyer, string seats) =>
        server.Post("/v1/payments", buyer, $$"""{"scheduleId":"{{sale.ScheduleId}}","seats":{{seats}}}""");
}
