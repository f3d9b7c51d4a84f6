namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class ReservationTests(Server server)
{
    [Fact]
    [Succeeds("POST /v1/reservations/{reservationId}/confirm")]
    [Reaches("RESERVATION_NOT_CONFIRMED", "ALREADY_RESERVED")]
    public async Task A_hold_is_confirmed_where_the_policy_wants_it()
    {
        var sale = await server.Sale(policy: """{"explicitReserve":true,"tokenPerPayment":false}""");
        var buyer = await server.Buyer(sale);
        var held = await server.Hold(sale, buyer, "A-1-1");
        var id = held.Text("reservationId");
        (await server.Pay(buyer, id)).Is(ProblemCode.ReservationNotConfirmed);
        server.Time.Advance(TimeSpan.FromSeconds(1));
        var confirmed = (await server.Post($"/v1/reservations/{id}/confirm", buyer)).Is(HttpStatusCode.OK);
        Assert.Equal("RESERVED", confirmed.Text("status"));
        Assert.Equal(held.Text("expiresAt"), confirmed.Text("expiresAt"));
        Assert.Equal(confirmed.Bytes, (await server.Post($"/v1/reservations/{id}/confirm", buyer, "{}")).Is(HttpStatusCode.OK).Bytes);
        (await server.Pay(buyer, id)).Is(HttpStatusCode.Created);
        (await server.Post($"/v1/reservations/{id}/confirm", buyer)).Is(ProblemCode.AlreadyReserved);
    }

    [Fact]
    public async Task A_hold_may_be_confirmed_where_the_policy_does_not_want_it()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        var id = (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
        (await server.Post($"/v1/reservations/{id}/confirm", buyer)).Is(HttpStatusCode.OK);
        (await server.Pay(buyer, id)).Is(HttpStatusCode.Created);
    }

    [Fact]
    [Succeeds("DELETE /v1/reservations/{reservationId}")]
    [Reaches("RESERVATION_CANCELLED", "ALREADY_PAID")]
    public async Task What_is_given_back_is_free_again()
    {
        var sale = await server.Sale(policy: """{"tokenPerPayment":false}""");
        var buyer = await server.Buyer(sale);
        var id = (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
        var path = "/v1/reservations/" + id;
        (await server.Send("DELETE", path, buyer.OnlyAccess)).Is(HttpStatusCode.NoContent);
        (await server.Send("DELETE", path, buyer.OnlyToken)).Is(HttpStatusCode.NoContent);
        Assert.Equal("CANCELLED", (await server.Get(path, buyer)).Text("status"));
        (await server.Pay(buyer, id)).Is(ProblemCode.ReservationCancelled);
        (await server.Post(path + "/confirm", buyer)).Is(ProblemCode.ReservationCancelled);

        var again = (await server.Hold(sale, buyer, "A-1-1")).Is(HttpStatusCode.Created).Text("reservationId");
        (await server.Pay(buyer, again)).Is(HttpStatusCode.Created);
        (await server.Send("DELETE", "/v1/reservations/" + again, buyer)).Is(ProblemCode.AlreadyPaid);
    }

    [Fact]
    [Reaches("NOT_OWNER", "RESERVATION_NOT_FOUND")]
    public async Task A_reservation_is_its_owners()
    {
        var sale = await server.Sale();
        var id = (await server.Hold(sale, await server.Buyer(sale), "A-1-1")).Text("reservationId");
        var other = await server.Buyer(sale);
        (await server.Get("/v1/reservations/" + id, other)).Is(ProblemCode.NotOwner);
        (await server.Send("DELETE", "/v1/reservations/" + id, other)).Is(ProblemCode.NotOwner);
        (await server.Post($"/v1/reservations/{id}/confirm", other)).Is(ProblemCode.NotOwner);
        (await server.Pay(other, id)).Is(ProblemCode.NotOwner);
        foreach (var unknown in new[] { id[..^1], "rsv.none.x", "x", "rsv..x", $"pay.{sale.ScheduleId}.x", new string('x', 300) })
        {
            (await server.Get("/v1/reservations/" + unknown, other)).Is(ProblemCode.ReservationNotFound);
            (await server.Send("DELETE", "/v1/reservations/" + unknown, other)).Is(ProblemCode.ReservationNotFound);
            (await server.Post($"/v1/reservations/{unknown}/confirm", other)).Is(ProblemCode.ReservationNotFound);
            (await server.Pay(other, unknown)).Is(ProblemCode.ReservationNotFound);
        }
    }

    [Fact]
    [Succeeds("GET /v1/users/me/reservations")]
    public async Task A_user_sees_their_reservations_newest_first()
    {
        var sale = await server.Sale(policy: """{"maxSeatsPerHold":1}""");
        var buyer = await server.Buyer(sale);
        var ids = new List<string>();
        foreach (var seat in new[] { "A-1-1", "A-1-2", "A-1-3", "A-1-4", "A-2-1" })
        {
            ids.Insert(0, (await server.Hold(sale, buyer, seat)).Text("reservationId"));
        }

        (await server.Send("DELETE", "/v1/reservations/" + ids[1], buyer)).Is(HttpStatusCode.NoContent);
        (await server.Send("DELETE", "/v1/reservations/" + ids[3], buyer)).Is(HttpStatusCode.NoContent);
        Assert.Equal([ids[0], ids[2], ids[4]], await Pages("/v1/users/me/reservations?limit=2", "reservations", "reservationId", buyer));
        Assert.Equal(ids, await Pages("/v1/users/me/reservations?includeExpired=true&limit=2", "reservations", "reservationId", buyer));
        Assert.Equal(ids, await Pages("/v1/users/me/reservations?includeExpired=true", "reservations", "reservationId", buyer));
        var nobody = (await server.Get("/v1/users/me/reservations", await server.User())).Is(HttpStatusCode.OK);
        Assert.Equal("""{"reservations":[]}""", System.Text.Encoding.UTF8.GetString(nobody.Bytes));
        (await server.Get("/v1/users/me/reservations?includeExpired=1", buyer)).Is(ProblemCode.InvalidArgument);
        (await server.Get("/v1/users/me/reservations?cursor=MA", buyer)).Is(ProblemCode.InvalidArgument);
    }

    [Fact]
    [Succeeds("POST /v1/users/me/wallet/charges", "GET /v1/users/me/wallet", "GET /v1/users/me/wallet/entries")]
    public async Task Charges_and_payments_are_entries()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale, 0);
        var charged = (await server.Post("/v1/users/me/wallet/charges", buyer, """{"amount":5000}""")).Is(HttpStatusCode.Created);
        Assert.Equal((buyer.UserId, 5000L), (charged.Text("userId"), charged["balance"].GetInt64()));
        var held = await server.Hold(sale, buyer, "A-1-1");
        var paid = await server.Pay(buyer, held.Text("reservationId"));
        Assert.Equal(
            $$"""{"userId":"{{buyer.UserId}}","balance":4000}""",
            System.Text.Encoding.UTF8.GetString((await server.Get("/v1/users/me/wallet", buyer.OnlyAccess)).Bytes));

        var entries = (await server.Get("/v1/users/me/wallet/entries", buyer.OnlyAccess)).Is(HttpStatusCode.OK)["entries"];
        Assert.Equal(
            [("PAYMENT", -1000L, 4000L), ("CHARGE", 5000L, 5000L)],
            entries.EnumerateArray().Select(entry => (
                entry.GetProperty("kind").GetString(),
                entry.GetProperty("amount").GetInt64(),
                entry.GetProperty("balanceAfter").GetInt64())));
        Assert.Equal(paid.Text("paymentId"), entries[0].GetProperty("paymentId").GetString());
        Assert.Equal(charged.Text("entryId"), entries[1].GetProperty("entryId").GetString());
        Assert.Equal(2, (await Pages("/v1/users/me/wallet/entries?limit=1", "entries", "entryId", buyer.OnlyAccess)).Count);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("100000001")]
    [InlineData("9223372036854775808")]
    [InlineData("-99999999999999999999999999")]
    [Reaches("INVALID_AMOUNT")]
    public async Task An_amount_out_of_bounds_is_refused(string amount) => (await server.Post(
        "/v1/users/me/wallet/charges", await server.User(), $$"""{"amount":{{amount}}}""")).Is(ProblemCode.InvalidAmount);

    [Fact]
    public async Task The_largest_amount_is_charged() => (await server.Post(
        "/v1/users/me/wallet/charges", await server.User(), """{"amount":100000000}""")).Is(HttpStatusCode.Created);

    private async Task<List<string>> Pages(string path, string list, string id, Visitor visitor)
    {
        var seen = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var got = (await server.Get(path + (cursor.Length > 0 ? (path.Contains('?') ? "&" : "?") + "cursor=" + cursor : ""), visitor))
                .Is(HttpStatusCode.OK);
            seen.AddRange(got[list].EnumerateArray().Select(item => item.GetProperty(id).GetString()!));
            cursor = got.Json.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }

        return seen;
    }
}
