namespace OrleansConcert.Api.Tests;

/// <summary>A thousand clients of one account join at once, each on a connection of its own: one place, whatever a rejoin does.</summary>
public sealed class OneAccountTests : IAsyncLifetime
{
    private const int Clients = 1_000;

    private readonly Server _server = new();

    public Task InitializeAsync() => _server.InitializeAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_thousand_clients_of_one_account_are_given_one_place()
    {
        var queue = await Queue("RETURN_EXISTING");
        var before = await _server.Joins(queue);
        var joins = await Join(queue, await _server.User());
        var behind = await _server.Joins(queue);
        Assert.Single(joins.Select(got => got.Text("token")).Distinct());
        Assert.Single(joins, got => got.Status == HttpStatusCode.Created);
        Assert.Equal(Clients - 1, joins.Count(got => got.Status == HttpStatusCode.OK));
        Assert.All(await Poll(joins), got => Assert.Equal(2, PositionIn(got)));
        Assert.Equal((1, 3, 3), (await PositionOf(before), await PositionOf(behind), await WaitingIn(queue)));
    }

    [Theory]
    [InlineData("REQUEUE", "REQUEUED", 3, 2)]
    [InlineData("ROTATE_IN_PLACE", "ROTATED", 2, 3)]
    public async Task Of_a_thousand_clients_of_one_account_the_last_has_the_one_place(string reissue, string reason, long mine, long next)
    {
        var queue = await Queue(reissue);
        var before = await _server.Joins(queue);
        var account = await _server.Joins(queue);
        var behind = await _server.Joins(queue);
        var joins = await Join(queue, account);
        Assert.Equal(Clients + 1, joins.Select(got => got.Text("token")).Append(account.Token).Distinct().Count());
        var polls = await Poll(joins);
        var live = Assert.Single(polls, got => got.Status == HttpStatusCode.OK);
        Assert.Equal(mine, PositionIn(live));
        Assert.All(polls.Where(got => got != live), got => Assert.Equal(reason, got.Is(ProblemCode.TokenEnded).Text("reason")));
        Assert.Equal((1, next, 3), (await PositionOf(before), await PositionOf(behind), await WaitingIn(queue)));
    }

    /// <summary>A queue that lets nobody in.</summary>
    private async Task<string> Queue(string reissue)
    {
        var queue = await _server.Queue($$"""{"reissue":"{{reissue}}"}""");
        (await _server.Post($"/v1/admin/queues/{queue}/pause", await _server.Admin())).Is(HttpStatusCode.OK);
        return queue;
    }

    private Task<Got[]> Join(string queue, Visitor account) => Task.WhenAll(Enumerable.Range(0, Clients).Select(_ =>
        _server.Post("/v1/queue-tokens", account.OnlyAccess, $$"""{"queueId":"{{queue}}"}""")));

    /// <summary>What each is told after as long as a poll may lag behind.</summary>
    private Task<Got[]> Poll(IEnumerable<Got> joins)
    {
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        return Task.WhenAll(joins.Select(got =>
            _server.Get("/v1/queue-tokens/me", new(got.Text("userId")) { Token = got.Text("token") })));
    }

    private async Task<long> PositionOf(Visitor visitor) => PositionIn(await _server.Get("/v1/queue-tokens/me", visitor));

    private static long PositionIn(Got got) => got.Is(HttpStatusCode.OK)["position"].GetInt64();

    private async Task<long> WaitingIn(string queue) =>
        (await _server.Get("/v1/admin/queues/" + queue, await _server.Admin()))["figures"].GetProperty("waiting").GetInt64();
}
