namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class ClusterTests(Server server)
{
    [Fact]
    [Succeeds("GET /v1/admin/cluster")]
    public async Task An_operator_sees_the_silos_their_state_and_their_grains()
    {
        var admin = await server.Admin();
        var before = await Activations(admin);
        for (var wallets = 0; wallets < 20; wallets++)
        {
            (await server.Post("/v1/users/me/wallet/charges", await server.User(), """{"amount":1}""")).Is(HttpStatusCode.Created);
        }

        Assert.InRange(await Activations(admin), before + 15, int.MaxValue);
    }

    [Fact]
    public async Task A_cluster_is_for_operators() =>
        (await server.Get("/v1/admin/cluster", await server.User())).Is(ProblemCode.AdminOnly);

    private async Task<int> Activations(Visitor admin)
    {
        var cluster = (await server.Get("/v1/admin/cluster", admin)).Is(HttpStatusCode.OK);
        Assert.Contains(cluster.Text("engine"), new[] { "InProcess", "Orleans" });
        var silo = Assert.Single(cluster["silos"].EnumerateArray());
        Assert.NotEqual("", silo.GetProperty("name").GetString());
        Assert.Equal("Active", silo.GetProperty("state").GetString());
        return silo.GetProperty("activations").GetInt32();
    }
}
