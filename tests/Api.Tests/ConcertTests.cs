namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class ConcertTests(Server server)
{
    [Fact]
    [Succeeds("POST /v1/admin/concerts", "GET /v1/concerts/{concertId}")]
    public async Task A_concert_takes_what_it_is_not_told_from_its_queue()
    {
        var id = Server.New("concert");
        var made = (await server.Post("/v1/admin/concerts", await server.Admin(), $$"""
            {"concertId":"{{id}}","title":"서울의 밤","policy":{"holdTtl":"PT1M","maxSeatsPerUser":6} }
            """)).Is(HttpStatusCode.Created);
        Assert.Equal(("main", "Asia/Seoul", 0), (made.Text("queueId"), made.Text("timeZone"), made["schedules"].GetInt32()));
        Assert.Equal("PT1M", made["policy"].GetProperty("holdTtl").GetString());
        Assert.Equal(4, made["policy"].GetProperty("maxSeatsPerHold").GetInt32());

        var got = (await server.Get($"/v1/concerts/{id}")).Is(HttpStatusCode.OK);
        Assert.Equal("서울의 밤", got.Text("title"));
        Assert.False(got["soldOut"].GetBoolean());
    }

    [Fact]
    [Reaches("ALREADY_EXISTS")]
    public async Task No_id_is_given_twice()
    {
        var sale = await server.Sale();
        var admin = await server.Admin();
        (await server.Post("/v1/admin/concerts", admin, $$"""{"concertId":"{{sale.ConcertId}}","title":"T"}"""))
            .Is(ProblemCode.AlreadyExists);
        var schedule = $$"""
            {"scheduleId":"{{sale.ScheduleId}}","startsAt":"2099-01-01T00:00:00Z","sections":{{Casting.OneSection}}}
            """;
        (await server.Post($"/v1/admin/concerts/{sale.ConcertId}/schedules", admin, schedule)).Is(ProblemCode.AlreadyExists);
        var other = await server.Sale();
        (await server.Post($"/v1/admin/concerts/{other.ConcertId}/schedules", admin, schedule)).Is(ProblemCode.AlreadyExists);
    }

    [Fact]
    [Reaches("CONCERT_NOT_FOUND", "QUEUE_NOT_FOUND")]
    public async Task Nothing_is_made_on_what_is_not_there()
    {
        var admin = await server.Admin();
        (await server.Post("/v1/admin/concerts", admin, """{"concertId":"x","title":"T","queueId":"none"}"""))
            .Is(ProblemCode.QueueNotFound);
        var schedule = $$"""{"scheduleId":"x","startsAt":"2099-01-01T00:00:00Z","sections":{{Casting.OneSection}}}""";
        (await server.Post("/v1/admin/concerts/none/schedules", admin, schedule)).Is(ProblemCode.ConcertNotFound);
        (await server.Post("/v1/admin/concerts/a.b/schedules", admin, schedule)).Is(ProblemCode.ConcertNotFound);
        (await server.Get("/v1/concerts/none")).Is(ProblemCode.ConcertNotFound);
        (await server.Get("/v1/concerts/a%20b")).Is(ProblemCode.ConcertNotFound);
    }

    [Theory]
    [InlineData("""{"title":"T"}""", "concertId")]
    [InlineData("""{"concertId":"a.b","title":"T"}""", "concertId")]
    [InlineData("""{"concertId":"a"}""", "title")]
    [InlineData("""{"concertId":"a","title":" "}""", "title")]
    [InlineData("""{"concertId":"a","title":"a\u0000b"}""", "title")]
    [InlineData("""{"concertId":"a","title":"T","timeZone":"Mars/Olympus"}""", "timeZone")]
    [InlineData("""{"concertId":"a","title":"T","timeZone":"../../etc/passwd"}""", "timeZone")]
    [InlineData("""{"concertId":"a","title":"T","policy":{"holdTtl":"PT0S"} }""", "policy.holdTtl")]
    [InlineData("""{"concertId":"a","title":"T","policy":{"maxSeatsPerHold":21} }""", "policy.maxSeatsPerHold")]
    [InlineData("""{"concertId":"a","title":"T","policy":{"maxSeatsPerHold":null} }""", "policy.maxSeatsPerHold")]
    public async Task An_impossible_concert_is_refused(string json, string member) => Assert.True(
        (await server.Post("/v1/admin/concerts", await server.Admin(), json)).Is(ProblemCode.InvalidArgument)["errors"]
            .TryGetProperty(member, out _));

    [Theory]
    [InlineData("""{"startsAt":"2099-01-01T00:00:00Z","sections":[]}""", "scheduleId")]
    [InlineData("""{"scheduleId":"s","sections":[]}""", "startsAt")]
    [InlineData("""{"scheduleId":"s","startsAt":"2099-01-01T00:00:00Z"}""", "sections")]
    [InlineData("""{"scheduleId":"s","startsAt":"2099-01-01T00:00:00","sections":[]}""", "startsAt")]
    [InlineData("""{"scheduleId":"s","startsAt":"9999-12-31T23:59:59Z","sections":[]}""", "startsAt")]
    [InlineData("""{"scheduleId":"s","startsAt":"2001-01-01T00:00:00Z","sections":[]}""", "salesCloseAt")]
    [InlineData("""{"scheduleId":"s","startsAt":"2099-01-01T00:00:00Z","salesOpenAt":"2099-01-01T00:00:00Z"}""", "salesCloseAt")]
    [InlineData("""{"scheduleId":"s","startsAt":"2099-01-01T00:00:00Z","sections":[{"name":"A-","rows":1}]}""", "sections[0].name")]
    [InlineData("""{"scheduleId":"s","startsAt":"2099-01-01T00:00:00Z","sections":[{"name":"A","rows":1}]}""", "sections[0].price")]
    [InlineData(
        """{"scheduleId":"s","startsAt":"2099-01-01T00:00:00Z","sections":[{"name":"A","rows":1000,"seatsPerRow":101,"price":1}]}""",
        "sections")]
    public async Task An_impossible_schedule_is_refused(string json, string member)
    {
        var sale = await server.Sale();
        var got = await server.Post($"/v1/admin/concerts/{sale.ConcertId}/schedules", await server.Admin(), json);
        Assert.True(got.Is(ProblemCode.InvalidArgument)["errors"].TryGetProperty(member, out _));
    }

    [Fact]
    [Succeeds("POST /v1/admin/concerts/{concertId}/schedules", "GET /v1/concerts/{concertId}/schedules")]
    public async Task Schedules_are_listed_by_start()
    {
        var sale = await server.Sale(times: "\"startsAt\":\"2099-05-02T15:30:00Z\",");
        var early = await server.Schedule(
            sale, times: "\"startsAt\":\"2099-05-01T10:00:00+09:00\",\"salesCloseAt\":\"2098-01-01T00:00:00Z\",");
        Assert.Equal("2099-05-03", sale.Date);
        var got = (await server.Get($"/v1/concerts/{sale.ConcertId}/schedules", await server.Joins(sale.QueueId))).Is(HttpStatusCode.OK);
        var schedules = got["schedules"].EnumerateArray().ToList();
        Assert.Equal([early.ScheduleId, sale.ScheduleId], schedules.Select(one => one.GetProperty("scheduleId").GetString()));
        Assert.Equal("2099-05-01T01:00:00.000Z", schedules[0].GetProperty("startsAt").GetString());
        Assert.Equal("2098-01-01T00:00:00.000Z", schedules[0].GetProperty("salesCloseAt").GetString());
        Assert.Equal((12, 12), (schedules[0].GetProperty("seatsTotal").GetInt32(), schedules[0].GetProperty("seatsAvailable").GetInt32()));
        Assert.Equal(1000, schedules[0].GetProperty("priceFrom").GetInt64());
        Assert.Equal(2, (await server.Get($"/v1/concerts/{sale.ConcertId}"))["schedules"].GetInt32());
    }

    [Fact]
    [Succeeds("GET /v1/concerts/{concertId}/dates")]
    public async Task Only_what_can_be_booked_is_bookable()
    {
        var sale = await server.Sale(sections: """[{"name":"A","rows":1,"seatsPerRow":1,"price":0}]""");
        var later = $"\"salesOpenAt\":\"{server.Now.AddDays(1):yyyy-MM-ddTHH:mm:ssZ}\",";
        await server.Schedule(sale, times: later);
        var open = await server.Schedule(sale);
        var buyer = await server.Buyer(sale);
        (await server.Hold(sale, buyer, "A-1-1")).Is(HttpStatusCode.Created);

        var path = $"/v1/concerts/{sale.ConcertId}";
        var got = await Server.Until(
            () => server.Get(path + "/schedules?bookable=true", buyer), got => got["schedules"].GetArrayLength() == 1);
        Assert.Equal(open.ScheduleId, got["schedules"][0].GetProperty("scheduleId").GetString());
        Assert.Equal(3, (await server.Get(path + "/schedules", buyer))["schedules"].GetArrayLength());
        var dates = (await server.Get(path + "/dates", buyer)).Is(HttpStatusCode.OK)["dates"];
        Assert.Equal(open.Date, Assert.Single(dates.EnumerateArray()).GetProperty("date").GetString());
        Assert.Equal(open.ScheduleId, dates[0].GetProperty("schedules")[0].GetProperty("scheduleId").GetString());
        (await server.Get(path + "/schedules?bookable=yes", buyer)).Is(ProblemCode.InvalidArgument);
    }

    [Fact]
    [Succeeds("GET /v1/concerts")]
    public async Task All_concerts_are_listed_page_by_page()
    {
        var mine = new[] { await server.Sale(), await server.Sale(), await server.Sale() }.Select(sale => sale.ConcertId).ToHashSet();
        var seen = new List<string>();
        for (var cursor = ""; cursor is not null;)
        {
            var got = (await server.Get($"/v1/concerts?limit=2{(cursor.Length > 0 ? "&cursor=" + cursor : "")}")).Is(HttpStatusCode.OK);
            Assert.True(got["concerts"].GetArrayLength() <= 2);
            seen.AddRange(got["concerts"].EnumerateArray().Select(one => one.GetProperty("concertId").GetString()!));
            cursor = got.Json.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal(seen.Distinct(), seen);
        Assert.Superset(mine, seen.ToHashSet());
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("limit=-1")]
    [InlineData("limit=1e2")]
    [InlineData("limit=")]
    [InlineData("limit=1&limit=2")]
    [InlineData("cursor=!")]
    [InlineData("cursor=")]
    [InlineData("cursor=AAAA")]
    [Reaches("INVALID_ARGUMENT")]
    public async Task An_impossible_page_is_refused(string query) =>
        (await server.Get("/v1/concerts?" + query)).Is(ProblemCode.InvalidArgument);

    [Fact]
    [Reaches("WRONG_QUEUE")]
    public async Task A_token_opens_what_is_behind_its_own_queue_only()
    {
        var sale = await server.Sale();
        var other = await server.Buyer(await server.Sale());
        (await server.Get($"/v1/concerts/{sale.ConcertId}/schedules", other)).Is(ProblemCode.WrongQueue);
        (await server.Get($"/v1/concerts/{sale.ConcertId}/dates", other)).Is(ProblemCode.WrongQueue);
        (await server.Get($"/v1/schedules/{sale.ScheduleId}/seats", other)).Is(ProblemCode.WrongQueue);
        (await server.Get($"/v1/concerts/{sale.ConcertId}/seats?date={sale.Date}", other)).Is(ProblemCode.WrongQueue);
        (await server.Hold(sale, other, "A-1-1")).Is(ProblemCode.WrongQueue);
        var held = (await server.Hold(sale, await server.Buyer(sale), "A-1-1")).Text("reservationId");
        (await server.Pay(other, held)).Is(ProblemCode.WrongQueue);
        (await server.Post($"/v1/reservations/{held}/confirm", other)).Is(ProblemCode.WrongQueue);
        (await server.Get("/v1/concerts/none/schedules", other)).Is(ProblemCode.ConcertNotFound);
    }
}
