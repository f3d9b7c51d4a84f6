namespace OrleansConcert.Api.Tests;

/// <summary>What a join of somebody who has a place does, under each policy.</summary>
[Collection(SharedServer.Name)]
public sealed class ReissueTests(Server server)
{
    private const string Requeue = """{"reissue":"REQUEUE","admitCount":null,"maxActive":null}""";
    private const string Rotate = """{"reissue":"ROTATE_IN_PLACE","admitCount":null,"maxActive":null}""";

    [Fact]
    public async Task A_rejoin_under_REQUEUE_goes_to_the_end()
    {
        var queue = await server.Queue("""{"reissue":"REQUEUE","maxActive":1}""");
        await server.Joins(queue);
        var (first, second) = (await server.Joins(queue), await server.Joins(queue));

        var got = (await Join(queue, first)).Is(HttpStatusCode.Created);
        Assert.NotEqual(first.Token, got.Text("token"));
        Assert.Equal(("WAITING", 2L), (got.Text("status"), got["position"].GetInt64()));
        Assert.Equal(1, (await server.Get("/v1/queue-tokens/me", second))["position"].GetInt64());
        var ended = (await server.Get("/v1/queue-tokens/me", first.OnlyToken)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("EXPIRED", "REQUEUED"), (ended.Text("tokenStatus"), ended.Text("reason")));
        Assert.Equal(server.Now, ended["endedAt"].GetDateTimeOffset());
    }

    [Fact]
    [Reaches("HAS_LIVE_HOLD")]
    public async Task A_rejoin_under_REQUEUE_costs_a_live_hold_only_by_force()
    {
        var sale = await server.Sale(queueId: await server.Queue(Requeue));
        var buyer = await server.Buyer(sale);
        (await server.Hold(sale, buyer, "A-1-1")).Is(HttpStatusCode.Created);

        (await Join(sale.QueueId, buyer)).Is(ProblemCode.HasLiveHold);
        (await Join(sale.QueueId, buyer, force: false)).Is(ProblemCode.HasLiveHold);
        (await server.Get("/v1/queue-tokens/me", buyer)).Is(HttpStatusCode.OK);

        var got = (await Join(sale.QueueId, buyer, force: true)).Is(HttpStatusCode.Created);
        Assert.Equal("ACTIVE", got.Text("status"));
        (await server.Hold(sale, buyer with { Token = got.Text("token") }, "A-1-1")).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_hold_given_back_is_in_nobodys_way()
    {
        var sale = await server.Sale(queueId: await server.Queue(Requeue));
        var buyer = await server.Buyer(sale);
        var held = await server.Hold(sale, buyer, "A-1-1");
        (await server.Send("DELETE", $"/v1/reservations/{held.Text("reservationId")}", buyer)).Is(HttpStatusCode.NoContent);
        (await Join(sale.QueueId, buyer)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Who_has_a_place_in_a_draining_queue_keeps_it_under_REQUEUE()
    {
        var queue = await server.Queue(Requeue);
        var visitor = await server.Joins(queue);
        (await server.Post($"/v1/admin/queues/{queue}/drain", await server.Admin())).Is(HttpStatusCode.OK);
        Assert.Equal(visitor.Token, (await Join(queue, visitor, force: true)).Is(HttpStatusCode.OK).Text("token"));
    }

    [Fact]
    public async Task A_rejoin_under_ROTATE_IN_PLACE_keeps_the_place_and_voids_the_old_token()
    {
        var queue = await server.Queue("""{"reissue":"ROTATE_IN_PLACE","maxActive":1}""");
        await server.Joins(queue);
        var first = await server.Joins(queue);
        await server.Joins(queue);

        var rotated = first;
        var voided = new List<(Visitor Old, DateTimeOffset At)>();
        for (var times = 0; times < 3; times++)
        {
            server.Time.Advance(TimeSpan.FromSeconds(1));
            var got = (await Join(queue, rotated, force: times == 1)).Is(HttpStatusCode.Created);
            voided.Add((rotated, server.Now));
            Assert.DoesNotContain(got.Text("token"), voided.Select(each => each.Old.Token));
            Assert.Equal(("WAITING", 1L), (got.Text("status"), got["position"].GetInt64()));
            rotated = rotated with { Token = got.Text("token") };
        }

        (await server.Get("/v1/queue-tokens/me", rotated)).Is(HttpStatusCode.OK);
        (await server.Send("DELETE", "/v1/queue-tokens/me", rotated)).Is(HttpStatusCode.NoContent);
        foreach (var (old, at) in voided)
        {
            var ended = (await server.Get("/v1/queue-tokens/me", old)).Is(ProblemCode.TokenEnded);
            Assert.Equal(("EXPIRED", "ROTATED", at), (ended.Text("tokenStatus"), ended.Text("reason"), ended["endedAt"].GetDateTimeOffset()));
        }
    }

    [Fact]
    public async Task A_voided_token_opens_no_gate_and_its_holds_stay()
    {
        var sale = await server.Sale(queueId: await server.Queue(Rotate));
        var old = await server.Buyer(sale);
        var held = (await server.Hold(sale, old, "A-1-1")).Is(HttpStatusCode.Created);
        var present = old with { Token = (await Join(sale.QueueId, old)).Is(HttpStatusCode.Created).Text("token") };

        Assert.Equal("ROTATED", (await server.Hold(sale, old, "A-1-2")).Is(ProblemCode.TokenEnded).Text("reason"));
        Assert.Equal("ROTATED", (await server.Pay(old, held.Text("reservationId"))).Is(ProblemCode.TokenEnded).Text("reason"));
        foreach (var (method, path) in new[]
        {
            ("DELETE", "/v1/queue-tokens/me"), ("GET", $"/v1/schedules/{sale.ScheduleId}/seats"), ("GET", "/v1/users/me/wallet"),
        })
        {
            Assert.Equal("ROTATED", (await server.Send(method, path, old.OnlyToken)).Is(ProblemCode.TokenEnded).Text("reason"));
        }

        (await server.Get("/v1/users/me/wallet", old)).Is(HttpStatusCode.OK);
        (await server.Pay(present, held.Text("reservationId"))).Is(HttpStatusCode.Created);
        Assert.Equal("ROTATED", (await server.Get("/v1/queue-tokens/me", old)).Is(ProblemCode.TokenEnded).Text("reason"));
        Assert.Equal("PAID", (await server.Get("/v1/queue-tokens/me", present)).Is(ProblemCode.TokenEnded).Text("reason"));
    }

    [Fact]
    public async Task A_changed_mode_applies_at_once_and_spares_the_holds_there_are()
    {
        var sale = await server.Sale();
        var (holder, idler) = (await server.Buyer(sale), await server.Joins(sale.QueueId));
        (await server.Hold(sale, holder, "A-1-1")).Is(HttpStatusCode.Created);
        Assert.Equal(idler.Token, (await Join(sale.QueueId, idler, force: true)).Is(HttpStatusCode.OK).Text("token"));
        (await server.Send("PUT", $"/v1/admin/queues/{sale.QueueId}", await server.Admin(), """{"reissue":"REQUEUE"}"""))
            .Is(HttpStatusCode.OK);
        (await Join(sale.QueueId, holder)).Is(ProblemCode.HasLiveHold);
        (await Join(sale.QueueId, idler)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_rejoin_repeated_under_its_key_is_one_rejoin()
    {
        var queue = await server.Queue(Rotate);
        var visitor = await server.Joins(queue);
        var body = $$"""{"queueId":"{{queue}}","force":true}""";
        var first = (await server.Post("/v1/queue-tokens", visitor.OnlyAccess, body, "again")).Is(HttpStatusCode.Created);
        var again = (await server.Post("/v1/queue-tokens", visitor.OnlyAccess, body, "again")).Is(HttpStatusCode.Created);
        Assert.Equal(first.Bytes, again.Bytes);
        (await server.Get("/v1/queue-tokens/me", visitor with { Token = first.Text("token") })).Is(HttpStatusCode.OK);
    }

    private Task<Got> Join(string queue, Visitor visitor, bool? force = null) => server.Post(
        "/v1/queue-tokens",
        visitor.OnlyAccess,
        $$"""{"queueId":"{{queue}}"{{(force is { } forced ? $",\"force\":{(forced ? "true" : "false")}" : "")}}}""");
}
