namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class HoldTests(Server server)
{
    [Fact]
    [Succeeds("POST /v1/schedules/{scheduleId}/holds", "GET /v1/reservations/{reservationId}")]
    public async Task A_hold_keeps_its_seats_for_its_time()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        var held = (await server.Hold(sale, buyer, "A-1-1", "A-2-1")).Is(HttpStatusCode.Created);
        Assert.Equal("HELD", held.Text("status"));
        Assert.Equal((2000L, 300_000L), (held["amount"].GetInt64(), held["expiresInMs"].GetInt64()));
        Assert.Equal(server.Now.AddMinutes(5), held["expiresAt"].GetDateTimeOffset());
        Assert.False(held.Json.TryGetProperty("paymentId", out _));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        var got = (await server.Get("/v1/reservations/" + held.Text("reservationId"), buyer.OnlyAccess)).Is(HttpStatusCode.OK);
        Assert.Equal(299_000, got["expiresInMs"].GetInt64());
    }

    [Fact]
    [Reaches("SEATS_TAKEN", "HOLD_EXPIRED")]
    public async Task A_lapsed_hold_is_free_at_its_very_instant_and_not_before()
    {
        var sale = await server.Sale();
        var first = await server.Buyer(sale);
        var second = await server.Buyer(sale);
        var held = (await server.Hold(sale, first, "A-1-1", "A-1-2")).Is(HttpStatusCode.Created);
        server.Time.Advance(held["expiresAt"].GetDateTimeOffset() - server.Now - TimeSpan.FromMilliseconds(1));
        var taken = (await server.Hold(sale, await server.Buyer(sale), "A-1-2", "A-1-3")).Is(ProblemCode.SeatsTaken);
        Assert.Equal("A-1-2", Assert.Single(taken["seats"].EnumerateArray()).GetString());
        (await server.Get("/v1/queue-tokens/me", second)).Is(HttpStatusCode.OK);

        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await server.Hold(sale, second, "A-1-2", "A-1-3")).Is(HttpStatusCode.Created);
        var path = "/v1/reservations/" + held.Text("reservationId");
        Assert.Equal("EXPIRED", (await server.Get(path, first.OnlyAccess)).Text("status"));
        var gone = (await server.Send("DELETE", path, first.OnlyAccess)).Is(ProblemCode.HoldExpired);
        Assert.Equal(held["expiresAt"].GetString(), gone.Text("expiresAt"));
    }

    [Fact]
    public async Task A_seat_is_shown_free_again_at_the_very_instant_its_hold_ends()
    {
        var sale = await server.Sale();
        var held = (await server.Hold(sale, await server.Buyer(sale), "A-1-1")).Is(HttpStatusCode.Created);
        server.Time.Advance(held["expiresAt"].GetDateTimeOffset() - server.Now - TimeSpan.FromMilliseconds(1));
        var looker = await server.Joins(sale.QueueId);
        Assert.Equal("HELD", await server.SeatStatus(sale, looker, "A-1-1"));
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("AVAILABLE", await server.SeatStatus(sale, looker, "A-1-1"));
    }

    [Fact]
    [Reaches("NOT_ENOUGH_SEATS", "SEAT_NOT_FOUND")]
    public async Task The_best_seats_are_adjacent_and_in_the_middle()
    {
        var sale = await server.Sale(policy: """{"maxSeatsPerHold":20}""");
        var buyer = await server.Buyer(sale);
        var got = (await Best(sale, buyer, """{"count":2,"section":"A"}""")).Is(HttpStatusCode.Created);
        Assert.Equal(["A-1-2", "A-1-3"], got["seats"].EnumerateArray().Select(seat => seat.GetProperty("seatId").GetString()));
        (await Best(sale, buyer, """{"count":11}""")).Is(ProblemCode.NotEnoughSeats);
        (await Best(sale, buyer, """{"count":1,"section":"Z"}""")).Is(ProblemCode.SeatNotFound);
        (await Best(sale, buyer, """{"count":0}""")).Is(ProblemCode.InvalidArgument);
        (await Best(sale, buyer, """{}""")).Is(ProblemCode.InvalidArgument);
        (await Best(sale, buyer, """{"count":1,"row":1}""")).Is(ProblemCode.MalformedRequest);
        Assert.Equal(20, (await Best(sale, buyer, """{"count":21}""")).Is(ProblemCode.LimitExceeded)["limit"].GetInt64());
    }

    [Fact]
    [Reaches("LIMIT_EXCEEDED")]
    public async Task Nobody_holds_more_than_the_policy_allows()
    {
        var sale = await server.Sale(policy: """{"maxSeatsPerHold":2,"maxSeatsPerUser":3}""");
        var buyer = await server.Buyer(sale);
        Assert.Equal(2, (await server.Hold(sale, buyer, "A-1-1", "A-1-2", "A-1-3")).Is(ProblemCode.LimitExceeded)["limit"].GetInt64());
        (await server.Hold(sale, buyer, "A-1-1", "A-1-2")).Is(HttpStatusCode.Created);
        Assert.Equal(3, (await server.Hold(sale, buyer, "A-2-1", "A-2-2")).Is(ProblemCode.LimitExceeded)["limit"].GetInt64());
    }

    [Theory]
    [InlineData("""{"seats":["A-9-9","A-1-1"]}""", "A-9-9")]
    [InlineData("""{"seats":["A-01-1"]}""", "A-01-1")]
    [InlineData("""{"seats":["nonsense"]}""", "nonsense")]
    [InlineData("""{"seats":["A-1-99999999999999999999"]}""", "A-1-99999999999999999999")]
    [InlineData("""{"seats":["\u0000"]}""", "\0")]
    public async Task A_seat_that_the_house_has_not_is_named(string json, string seat)
    {
        var sale = await server.Sale();
        var got = await server.Post($"/v1/schedules/{sale.ScheduleId}/holds", await server.Buyer(sale), json);
        Assert.Equal(seat, Assert.Single(got.Is(ProblemCode.SeatNotFound)["seats"].EnumerateArray()).GetString());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"seats":[]}""")]
    [InlineData("""{"seats":null}""")]
    [InlineData("""{"seats":["A-1-1","A-1-1"]}""")]
    [InlineData("""{"seats":["A-1-1"],"bestAvailable":{"count":1} }""")]
    public async Task A_hold_names_each_seat_once(string json)
    {
        var sale = await server.Sale();
        var got = await server.Post($"/v1/schedules/{sale.ScheduleId}/holds", await server.Buyer(sale), json);
        Assert.True(got.Is(ProblemCode.InvalidArgument)["errors"].TryGetProperty("seats", out _));
    }

    [Fact]
    [Reaches("TOKEN_NOT_ACTIVE")]
    public async Task Who_waits_holds_nothing()
    {
        var sale = await server.Sale(queueId: await server.Queue("""{"maxActive":1}"""));
        await server.Joins(sale.QueueId);
        var got = (await server.Hold(sale, await server.Joins(sale.QueueId), "A-1-1")).Is(ProblemCode.TokenNotActive);
        Assert.Equal(("WAITING", 1L), (got.Text("tokenStatus"), got["position"].GetInt64()));
    }

    [Fact]
    public async Task Of_two_hundred_who_want_one_seat_one_gets_it()
    {
        var sale = await server.Sale();
        var buyers = new Visitor[200];
        await Parallel.ForAsync(0, buyers.Length, async (index, _) => buyers[index] = await server.Joins(sale.QueueId));
        var answers = await Task.WhenAll(buyers.Select(buyer => server.Hold(sale, buyer, "A-1-1")));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(199, answers.Count(answer => answer.Code == "SEATS_TAKEN"));
    }

    [Fact]
    public async Task Overlapping_holds_are_whole_or_not_at_all()
    {
        var sale = await server.Sale();
        string[][] wishes = [["A-1-1", "A-1-2"], ["A-1-2", "A-1-3"], ["A-1-3", "A-1-4"], ["A-1-4", "A-1-1"]];
        var buyers = new Visitor[80];
        await Parallel.ForAsync(0, buyers.Length, async (index, _) => buyers[index] = await server.Joins(sale.QueueId));
        var answers = await Task.WhenAll(buyers.Select((buyer, index) => server.Hold(sale, buyer, wishes[index % 4])));
        var won = answers.Where(answer => answer.Status == HttpStatusCode.Created)
            .SelectMany(answer => answer["seats"].EnumerateArray().Select(seat => seat.GetProperty("seatId").GetString())).ToList();
        Assert.Equal(won.Distinct().Count(), won.Count);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Created), answer => answer.Is(ProblemCode.SeatsTaken));
        var map = await server.Get($"/v1/schedules/{sale.ScheduleId}/seats", buyers[0]);
        Assert.Equal(
            won.Order(),
            map["seats"].EnumerateArray().Where(seat => seat.GetProperty("taken").GetBoolean())
                .Select(seat => seat.GetProperty("seatId").GetString()).Order());
    }

    private Task<Got> Best(Sale sale, Visitor visitor, string best) =>
        server.Post($"/v1/schedules/{sale.ScheduleId}/holds", visitor, $$"""{"bestAvailable":{{best}}}""");
}
