namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class AuditTests(Server server)
{
    [Fact]
    [Succeeds("GET /v1/admin/audit/seats/{scheduleId}/{seatId}")]
    public async Task A_seat_tells_all_that_ever_happened_to_it()
    {
        var sale = await server.Sale();
        var (buyer, admin) = (await server.Buyer(sale, 999), await server.Admin());
        var held = await server.Hold(sale, buyer, "A-1-1", "A-1-2");
        var id = held.Text("reservationId");
        (await server.Post($"/v1/reservations/{id}/confirm", buyer)).Is(HttpStatusCode.OK);
        (await server.Pay(buyer, id)).Is(ProblemCode.InsufficientBalance);
        (await server.Post("/v1/users/me/wallet/charges", buyer, """{"amount":10000}""")).Is(HttpStatusCode.Created);
        var paid = (await server.Pay(buyer, id)).Text("paymentId");
        (await server.Post($"/v1/admin/payments/{paid}/refund", admin, """{"why":"It rained."}""")).Is(HttpStatusCode.OK);
        var other = await server.Buyer(sale);
        var given = (await server.Hold(sale, other, "A-1-1")).Text("reservationId");
        (await server.Send("DELETE", "/v1/reservations/" + given, other)).Is(HttpStatusCode.NoContent);

        var entries = (await server.Get($"/v1/admin/audit/seats/{sale.ScheduleId}/A-1-1", admin)).Is(HttpStatusCode.OK)["entries"]
            .EnumerateArray().ToArray();
        Assert.Equal(
            "HELD RESERVED PAYING PAYMENT_ABORTED PAYING SOLD REFUNDED HELD RELEASED",
            string.Join(' ', entries.Select(entry => entry.GetProperty("what").GetString())));
        Assert.Equal(
            "The payment was given back: the wallet held 999 and 2,000 was needed; nothing was taken, the hold stays until "
            + $"{held.Text("expiresAt")}.",
            entries[3].GetProperty("why").GetString());
        Assert.Contains("saying: It rained.", entries[6].GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            (buyer.UserId, id, paid),
            (entries[6].GetProperty("userId").GetString(), entries[6].GetProperty("reservationId").GetString(),
                entries[6].GetProperty("paymentId").GetString()));
        Assert.Equal(other.UserId, entries[8].GetProperty("userId").GetString());
        Assert.False(entries[0].TryGetProperty("paymentId", out _));
        Assert.All(entries, entry => Assert.EndsWith(".", entry.GetProperty("why").GetString(), StringComparison.Ordinal));
        Assert.Equal(7, await Count($"/v1/admin/audit/seats/{sale.ScheduleId}/A-1-2", admin));
        Assert.Equal(0, await Count($"/v1/admin/audit/seats/{sale.ScheduleId}/A-3-1", admin));
    }

    [Fact]
    [Succeeds("GET /v1/admin/audit/users/{userId}/tokens")]
    public async Task A_user_s_tokens_tell_how_they_came_and_went()
    {
        var sale = await server.Sale();
        var (buyer, admin) = (await server.Buyer(sale, 10_000), await server.Admin());
        var paid = await server.Pay(buyer, (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId"));
        var again = await server.Joins(sale.QueueId, buyer);
        (await server.Send("DELETE", "/v1/queue-tokens/me", again.OnlyToken)).Is(HttpStatusCode.NoContent);
        var closed = await server.Queue("""{"admitCount":1,"admitEvery":"PT1H","admitOnPoll":false}""");
        await server.Joins(closed);
        await server.Joins(closed, buyer);

        var entries = (await server.Get($"/v1/admin/audit/users/{buyer.UserId}/tokens", admin)).Is(HttpStatusCode.OK)["entries"]
            .EnumerateArray().ToArray();
        Assert.Equal(
            "JOINED ADMITTED ENDED JOINED ADMITTED ENDED JOINED",
            string.Join(' ', entries.Select(entry => entry.GetProperty("what").GetString())));
        Assert.Equal(
            $"PAID: {buyer.UserId} paid with {paid.Text("paymentId")}, which used ticket 1 up.", entries[2].GetProperty("why").GetString());
        Assert.StartsWith("LEFT: ", entries[5].GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await Count($"/v1/admin/audit/users/{Server.New("nobody")}/tokens", admin));
    }

    [Fact]
    public async Task What_is_not_there_has_no_trail()
    {
        var (sale, admin) = (await server.Sale(), await server.Admin());
        (await server.Get("/v1/admin/audit/seats/none/A-1-1", admin)).Is(ProblemCode.ScheduleNotFound);
        (await server.Get($"/v1/admin/audit/seats/{sale.ScheduleId}/Z-1-1", admin)).Is(ProblemCode.SeatNotFound);
        (await server.Get("/v1/admin/audit/users/a%20b/tokens", admin)).Is(ProblemCode.UserNotFound);
        (await server.Get($"/v1/admin/audit/seats/{sale.ScheduleId}/A-1-1", await server.User())).Is(ProblemCode.AdminOnly);
    }

    private async Task<int> Count(string path, Visitor admin) =>
        (await server.Get(path, admin)).Is(HttpStatusCode.OK)["entries"].GetArrayLength();
}
