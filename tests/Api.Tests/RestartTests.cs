namespace OrleansConcert.Api.Tests;

/// <summary>What a restart leaves as it was.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleans-concert-");

    [Fact]
    public async Task Tokens_answers_holds_and_the_demo_survive_a_restart()
    {
        Visitor buyer;
        Got held;
        await using (var before = new Disposing(await Start()))
        {
            buyer = await before.Server.Joins("main");
            held = (await Hold(before.Server, buyer)).Is(HttpStatusCode.Created);
        }

        await using var after = new Disposing(await Start());
        var again = (await Hold(after.Server, buyer)).Is(HttpStatusCode.Created);
        Assert.True(again.IsReplayed);
        Assert.Equal(held.Bytes, again.Bytes);
        var seen = (await after.Server.Get("/v1/reservations/" + held.Text("reservationId"), buyer)).Is(HttpStatusCode.OK);
        Assert.Equal("HELD", seen.Text("status"));
        Assert.Equal("ACTIVE", (await after.Server.Get("/v1/queue-tokens/me", buyer)).Is(HttpStatusCode.OK).Text("status"));
        Assert.Equal(1, (await after.Server.Get("/v1/concerts/demo"))["schedules"].GetInt32());
    }

    [Fact]
    public async Task A_refund_and_its_answer_survive_a_restart()
    {
        Visitor buyer, admin;
        Got refunded;
        string path;
        const string Why = """{"why":"rain"}""";
        await using (var before = new Disposing(await Start()))
        {
            (buyer, admin) = (await before.Server.Joins("main"), await before.Server.Admin());
            (await before.Server.Post("/v1/users/me/wallet/charges", buyer, """{"amount":1000000}""")).Is(HttpStatusCode.Created);
            var held = await Hold(before.Server, buyer);
            var paid = (await before.Server.Pay(buyer, held.Text("reservationId"))).Is(HttpStatusCode.Created);
            path = $"/v1/admin/payments/{paid.Text("paymentId")}/refund";
            refunded = (await before.Server.Post(path, admin, Why, "refund")).Is(HttpStatusCode.OK);
        }

        await using var after = new Disposing(await Start());
        var again = (await after.Server.Post(path, admin, Why, "refund")).Is(HttpStatusCode.OK);
        Assert.True(again.IsReplayed);
        Assert.Equal(refunded.Bytes, again.Bytes);
        Assert.Equal(refunded.Bytes, (await after.Server.Post(path, admin, Why)).Bytes);
        Assert.Equal(1_000_000, (await after.Server.Get("/v1/users/me/wallet", buyer.OnlyAccess))["balance"].GetInt64());
        var list = await after.Server.Get("/v1/users/me/payments", buyer.OnlyAccess);
        Assert.Equal(refunded.Json.GetRawText(), list["payments"][0].GetRawText());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<Server> Start() => await Server.Start([.. await StoreOfTests.In(_folder.FullName), "--Concert:Demo=true"]);

    private static Task<Got> Hold(Server server, Visitor visitor) =>
        server.Post("/v1/schedules/demo-1/holds", visitor, """{"bestAvailable":{"count":2} }""", "hold");
}
