namespace OrleansConcert.Flows.Requeue;

/// <summary>Steps 1 and 2: a place in the queue, a new one for the old, and where one stands.</summary>
public sealed partial class Requeue
{
    [Fact]
    public async Task Step_1_1_1_Who_comes_first_gets_a_token_and_an_estimate()
    {
        var queue = await Queue();
        var place = (await Join(queue, await Server.User())).Is(HttpStatusCode.Created);
        Assert.StartsWith("qt.", place.Text("token"), StringComparison.Ordinal);
        Assert.Equal(("ACTIVE", 0L), (place.Text("status"), place["estimatedWaitMs"].GetInt64()));

        await Crowd(queue, 49);
        var behind = (await Join(queue, await Server.User())).Is(HttpStatusCode.Created);
        Assert.Equal(("WAITING", 1L), (behind.Text("status"), behind["position"].GetInt64()));
        Assert.InRange(behind["estimatedWaitMs"].GetInt64(), 1, 60_000);
    }

    [Fact]
    public async Task Step_1_2_1_Who_comes_again_gets_a_new_token_at_the_end_and_the_old_one_expires()
    {
        var queue = await Queue();
        var (first, second) = (await Waiting(queue), await Joined(queue));
        var again = (await Join(queue, first)).Is(HttpStatusCode.Created);
        Assert.NotEqual(first.Token, again.Text("token"));
        Assert.Equal(("WAITING", 2L), (again.Text("status"), again["position"].GetInt64()));
        Assert.InRange(again["estimatedWaitMs"].GetInt64(), 1, 60_000);

        var old = (await Poll(first)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("EXPIRED", "REQUEUED"), (old.Text("tokenStatus"), old.Text("reason")));
        await Soon(() => Poll(second), got => got["position"].GetInt64() == 1);
        Assert.Equal(2, (await Figures(queue)).GetProperty("waiting").GetInt64());
    }

    [Fact]
    public async Task Step_1_2_2_Who_has_a_live_hold_comes_again_only_by_giving_it_up()
    {
        var sale = await Sale();
        var (holder, looker) = (await Active(sale.QueueId), await Active(sale.QueueId));
        var id = (await Hold(sale, holder)).Is(HttpStatusCode.Created).Text("reservationId");
        (await Join(sale.QueueId, holder)).Is(ProblemCode.HasLiveHold);
        Assert.Equal("HELD", (await Reservation(id, holder)).Text("status"));

        var forced = (await Server.Post(
            "/v1/queue-tokens", holder.OnlyAccess, $$"""{"queueId":"{{sale.QueueId}}","force":true}""")).Is(HttpStatusCode.Created);
        Assert.NotEqual(holder.Token, forced.Text("token"));
        await Soon(() => Reservation(id, holder), got => got.Text("status") == "CANCELLED");
        await Becomes("AVAILABLE", sale, "A-1-1", looker);
    }

    [Fact]
    public async Task Step_2_1_1_A_token_in_the_queue_is_told_its_place_and_a_new_estimate()
    {
        var queue = await Queue();
        var (first, second) = (await Waiting(queue), await Joined(queue));
        var seen = (await Poll(second)).Is(HttpStatusCode.OK);
        Assert.Equal(("WAITING", 2L), (seen.Text("status"), seen["position"].GetInt64()));
        var before = seen["estimatedWaitMs"].GetInt64();
        (await Server.Send("DELETE", Me, first)).Is(HttpStatusCode.NoContent);
        var after = await Soon(() => Poll(second), got => got["position"].GetInt64() == 1);
        Assert.True(after["estimatedWaitMs"].GetInt64() <= before, $"{before} ms, then {after["estimatedWaitMs"]} ms");
    }

    [Fact]
    public async Task Step_2_1_2_A_token_that_is_not_in_the_queue_is_told_so()
    {
        // A day is long for queues that others left behind.
        await using var quiet = await Theatre.Open();
        var server = quiet.Server;
        var visitor = await server.Joins(await server.Queue("""{"preset":"requeue"}"""));
        (await server.Get(Me, visitor with { Token = visitor.Token!.Insert(9, "A") })).Is(ProblemCode.TokenInvalid);
        (await server.Send("DELETE", Me, visitor)).Is(HttpStatusCode.NoContent);
        Assert.Equal("LEFT", (await server.Get(Me, visitor.OnlyToken)).Is(ProblemCode.TokenEnded).Text("reason"));
        server.Time.Advance(TimeSpan.FromHours(24));
        (await server.Get(Me, visitor.OnlyToken)).Is(ProblemCode.NotInQueue);
    }

    [Fact]
    public async Task Step_2_1_3_An_unknown_user_is_told_so()
    {
        await using var strict = await Theatre.Open("--Concert:Users:Registration=Required");
        var server = strict.Server;
        var admin = await server.Admin();
        (await server.Post("/v1/admin/users", admin, """{"userId":"minji"}""")).Is(HttpStatusCode.Created);
        var visitor = await server.Joins(await server.Queue("""{"preset":"requeue"}"""), await server.User("minji"));
        (await server.Get(Me, visitor)).Is(HttpStatusCode.OK);
        (await server.Send("DELETE", "/v1/admin/users/minji", admin)).Is(HttpStatusCode.NoContent);
        (await server.Get(Me, visitor)).Is(ProblemCode.UserNotFound);
        (await server.Get(Me, visitor.OnlyToken)).Is(ProblemCode.UserNotFound);
    }
}
