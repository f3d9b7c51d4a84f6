namespace OrleansConcert.Api.Tests;

/// <summary>How long the server waits: for a body, for its own store, and for a payment of which another asks.</summary>
public sealed class PatienceTests
{
    private const string Path = "/v1/users/me/wallet/charges";

    private static readonly TimeSpan AMoment = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task A_body_has_10_seconds_to_arrive()
    {
        await using var own = new Disposing(await Server.Start());
        var user = await own.Server.User();
        var slow = new SlowBody();
        var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = slow };
        user.Sign(request);
        request.Headers.Add("Idempotency-Key", "k");
        var asking = own.Server.Send(request);
        await own.Server.Until(inFlight: 1);
        (await Charge(own.Server, user, 5)).Is(ProblemCode.IdempotencyInProgress);
        own.Server.Time.Advance(TimeSpan.FromSeconds(10) - AMoment);
        (await Charge(own.Server, user, 5)).Is(ProblemCode.IdempotencyInProgress);
        own.Server.Time.Advance(AMoment);
        await own.Server.Until(inFlight: 0);

        // The client reads no answer before it has sent its own.
        slow.Finish();
        var late = (await asking).Is(ProblemCode.MalformedRequest);
        Assert.Contains("10 s", late.Text("detail"), StringComparison.Ordinal);
        Assert.False((await Charge(own.Server, user, 5)).Is(HttpStatusCode.Created).IsReplayed);
    }

    [Fact]
    public async Task A_call_that_the_store_holds_up_is_told_so_after_2400_ms_and_found_by_its_key()
    {
        var journal = new HeldJournal();
        await using var own = new Disposing(await Server.Start(journal.Instead));
        var user = await own.Server.User();
        journal.Hold(append => append.Stream.StartsWith("wallet/", StringComparison.Ordinal));
        var asking = Charge(own.Server, user, 5);
        await journal.Held();
        own.Server.Time.Advance(TimeSpan.FromSeconds(2.4) - AMoment);
        (await own.Server.Get("/v1/concerts", user)).Is(HttpStatusCode.OK);
        Assert.False(asking.IsCompleted);
        own.Server.Time.Advance(AMoment);
        Assert.Equal(TimeSpan.FromSeconds(1), (await asking).Is(ProblemCode.Unavailable).Response.Headers.RetryAfter!.Delta);
        (await Charge(own.Server, user, 5)).Is(ProblemCode.IdempotencyInProgress);
        journal.GoOn();
        var found = await Server.Until(() => Charge(own.Server, user, 5), got => got.Code != "IDEMPOTENCY_IN_PROGRESS");
        Assert.True(found.Is(HttpStatusCode.Created).IsReplayed);
        Assert.Equal(5, (await own.Server.Get("/v1/users/me/wallet", user))["balance"].GetInt64());
    }

    [Fact]
    [Reaches("PAYMENT_IN_PROGRESS")]
    public async Task While_a_payment_runs_its_reservation_is_left_alone()
    {
        var journal = new HeldJournal();
        await using var own = new Disposing(await Server.Start(journal.Instead));
        var server = own.Server;
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        var id = (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
        journal.Hold(append => append.Stream.StartsWith("wallet/", StringComparison.Ordinal));
        var paying = server.Pay(buyer, id, "k");
        await journal.Held();
        var refused = (await server.Pay(buyer, id)).Is(ProblemCode.PaymentInProgress);
        var shown = (await server.Get($"/v1/reservations/{id}", buyer)).Is(HttpStatusCode.OK);
        Assert.Equal(("PAYING", shown.Text("paymentId")), (shown.Text("status"), refused.Text("paymentId")));
        (await server.Send("DELETE", $"/v1/reservations/{id}", buyer)).Is(ProblemCode.PaymentInProgress);
        (await server.Post($"/v1/reservations/{id}/confirm", buyer)).Is(ProblemCode.AlreadyReserved);
        (await server.Pay(buyer, id, "k")).Is(ProblemCode.IdempotencyInProgress);
        journal.GoOn();
        var paid = (await paying).Is(HttpStatusCode.Created);
        Assert.Equal(shown.Text("paymentId"), paid.Text("paymentId"));
    }

    private static Task<Got> Charge(Server server, Visitor user, long amount) =>
        server.Post(Path, user, $$"""{"amount":{{amount}}}""", "k");
}
