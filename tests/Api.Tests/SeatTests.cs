using System.IO.Compression;

namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class SeatTests(Server server)
{
    [Fact]
    [Succeeds("GET /v1/schedules/{scheduleId}/seats")]
    public async Task The_map_shows_every_seat_and_changes_its_version_with_them()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        var path = $"/v1/schedules/{sale.ScheduleId}/seats";
        var before = (await server.Get(path, buyer)).Is(HttpStatusCode.OK);
        Assert.Equal(12, before["seats"].GetArrayLength());
        Assert.True(before["complete"].GetBoolean());
        Assert.Equal(
            """{"seatId":"A-1-1","section":"A","row":1,"number":1,"price":1000,"status":"AVAILABLE","taken":false}""",
            before["seats"][0].GetRawText());

        (await server.Hold(sale, buyer, "A-2-3")).Is(HttpStatusCode.Created);
        var after = await server.Get(path, buyer);
        Assert.True(after["version"].GetInt64() > before["version"].GetInt64());
        Assert.Equal("HELD", await server.SeatStatus(sale, buyer, "A-2-3"));
        var free = await server.Get(path + "?status=AVAILABLE", buyer);
        Assert.Equal(11, free["seats"].GetArrayLength());
        Assert.NotEqual(after.Response.Headers.ETag, free.Response.Headers.ETag);
    }

    [Fact]
    public async Task Since_a_version_only_what_changed_is_shown()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        var path = $"/v1/schedules/{sale.ScheduleId}/seats";
        var whole = await server.Get(path, buyer);
        var first = whole["version"].GetInt64();
        var none = (await server.Get($"{path}?since={first}", buyer)).Is(HttpStatusCode.OK);
        Assert.Equal((false, 0, first), (none["complete"].GetBoolean(), none["seats"].GetArrayLength(), none["version"].GetInt64()));

        (await server.Hold(sale, buyer, "A-2-3", "A-1-1")).Is(HttpStatusCode.Created);
        var held = (await server.Get($"{path}?since={first}", buyer)).Is(HttpStatusCode.OK);
        Assert.False(held["complete"].GetBoolean());
        Assert.Equal(
            ["A-1-1 HELD", "A-2-3 HELD"],
            held["seats"].EnumerateArray().Select(seat => $"{seat.GetProperty("seatId")} {seat.GetProperty("status")}").Order());

        var tags = new[] { path, path + "?status=AVAILABLE", $"{path}?since={first}", $"{path}?since={held["version"]}" }
            .Select(async part => (await server.Get(part, buyer)).Response.Headers.ETag!.Tag);
        Assert.Equal(4, (await Task.WhenAll(tags)).Distinct().Count());
        var tag = held.Response.Headers.ETag!;
        Assert.Equal(HttpStatusCode.NotModified, (await Ask($"{path}?since={first}", buyer, tag.ToString())).Status);
        (await Ask(path, buyer, tag.ToString())).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_too_old_or_ahead_gets_the_whole_map()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        var path = $"/v1/schedules/{sale.ScheduleId}/seats";
        var version = (await server.Get(path, buyer))["version"].GetInt64();
        foreach (var since in new[] { 0, version + 1, long.MaxValue })
        {
            var got = (await server.Get($"{path}?since={since}", buyer)).Is(HttpStatusCode.OK);
            Assert.Equal((true, 12), (got["complete"].GetBoolean(), got["seats"].GetArrayLength()));
        }
    }

    [Fact]
    public async Task Who_has_the_map_is_told_so()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        var path = $"/v1/schedules/{sale.ScheduleId}/seats";
        var first = await server.Get(path, buyer);
        var tag = first.Response.Headers.ETag!;
        Assert.False(tag.IsWeak);
        Assert.Equal(HttpStatusCode.NotModified, (await Ask(path, buyer, tag.ToString())).Status);
        Assert.Equal(HttpStatusCode.NotModified, (await Ask(path, buyer, $"\"other\", W/{tag}")).Status);
        Assert.Equal(HttpStatusCode.NotModified, (await Ask(path, buyer, "*")).Status);
        var same = (await Ask(path, buyer, "\"other\"")).Is(HttpStatusCode.OK);
        Assert.Equal(first.Bytes, same.Bytes);
        (await server.Hold(sale, buyer, "A-1-1")).Is(HttpStatusCode.Created);
        (await Ask(path, buyer, tag.ToString())).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip;q=1.0, br;q=0.5", "gzip")]
    [InlineData("*", "br")]
    [InlineData("*, br;q=0", "gzip")]
    [InlineData("zstd", "")]
    [InlineData("identity, br;q=0.5", "")]
    [InlineData("identity;q=0, *;q=0", "")]
    [InlineData("br;q=bad,,;", "")]
    public async Task A_map_is_compressed_as_its_client_likes_it(string accepted, string encoding)
    {
        var sale = await server.Sale(sections: """[{"name":"A","rows":10,"seatsPerRow":50,"price":1000}]""");
        var buyer = await server.Buyer(sale);
        var path = $"/v1/schedules/{sale.ScheduleId}/seats";
        var plain = await server.Get(path, buyer);
        Assert.Equal(["Accept-Encoding"], plain.Response.Headers.Vary);

        var got = (await Ask(path, buyer, "", accepted)).Is(HttpStatusCode.OK);
        Assert.Equal(encoding, string.Concat(got.Response.Content.Headers.ContentEncoding));
        Assert.Equal(["Accept-Encoding"], got.Response.Headers.Vary);
        Assert.Equal(plain.Bytes, Unpacked(got.Bytes, encoding));
        Assert.True(encoding == "" || got.Bytes.Length < plain.Bytes.Length / 5);

        // One tag names the same bytes always.
        var tag = got.Response.Headers.ETag!;
        Assert.Equal(encoding == "", tag.Equals(plain.Response.Headers.ETag));
        Assert.Equal(HttpStatusCode.NotModified, (await Ask(path, buyer, tag.ToString(), accepted)).Status);
        Assert.Equal(encoding == "" ? HttpStatusCode.NotModified : HttpStatusCode.OK, (await Ask(path, buyer, tag.ToString())).Status);
    }

    [Fact]
    public async Task What_is_small_is_not_compressed()
    {
        var sale = await server.Sale();
        var got = await Ask($"/v1/schedules/{sale.ScheduleId}/seats", await server.Buyer(sale), "", "br");
        Assert.Empty(got.Is(HttpStatusCode.OK).Response.Content.Headers.ContentEncoding);
    }

    [Theory]
    [InlineData("?status=SOLD")]
    [InlineData("?since=1&status=AVAILABLE")]
    [InlineData("?since=-1")]
    [InlineData("?since=x")]
    public async Task An_impossible_part_of_the_map_is_refused(string query)
    {
        var sale = await server.Sale();
        (await server.Get($"/v1/schedules/{sale.ScheduleId}/seats{query}", await server.Buyer(sale))).Is(ProblemCode.InvalidArgument);
    }

    [Fact]
    [Reaches("SCHEDULE_NOT_FOUND")]
    public async Task There_is_no_map_of_what_is_not_there()
    {
        var buyer = await server.Buyer(await server.Sale());
        (await server.Get("/v1/schedules/none/seats", buyer)).Is(ProblemCode.ScheduleNotFound);
        (await server.Get("/v1/schedules/a.b/seats", buyer)).Is(ProblemCode.ScheduleNotFound);
        (await server.Get("/v1/concerts/none/seats?date=2099-01-01", buyer)).Is(ProblemCode.ConcertNotFound);
    }

    [Fact]
    [Succeeds("GET /v1/concerts/{concertId}/seats", "POST /v1/concerts/{concertId}/holds")]
    [Reaches("DATE_NOT_BOOKABLE", "AMBIGUOUS_DATE", "INVALID_DATE")]
    public async Task A_date_stands_for_its_one_schedule()
    {
        var sale = await server.Sale();
        var buyer = await server.Buyer(sale);
        var path = $"/v1/concerts/{sale.ConcertId}";
        Assert.Equal(sale.ScheduleId, (await server.Get($"{path}/seats?date={sale.Date}", buyer)).Is(HttpStatusCode.OK).Text("scheduleId"));
        var best = $$"""{"date":"{{sale.Date}}","bestAvailable":{"count":2} }""";
        (await server.Post(path + "/holds", buyer, best)).Is(HttpStatusCode.Created);
        (await server.Post(path + "/holds", buyer, $$"""{"date":"{{sale.Date}}","seats":["A-3-1"]}""")).Is(HttpStatusCode.Created);

        (await server.Get(path + "/seats?date=2098-01-01", buyer)).Is(ProblemCode.DateNotBookable);
        (await server.Post(path + "/holds", buyer, """{"date":"2098-01-01","seats":["A-3-1"]}""")).Is(ProblemCode.DateNotBookable);
        (await server.Get(path + "/seats?date=2099-02-29", buyer)).Is(ProblemCode.InvalidDate);
        (await server.Get(path + "/seats?date=", buyer)).Is(ProblemCode.InvalidDate);
        (await server.Post(path + "/holds", buyer, """{"date":"tomorrow","seats":["A-3-1"]}""")).Is(ProblemCode.InvalidDate);
        (await server.Get(path + "/seats", buyer)).Is(ProblemCode.InvalidArgument);

        var second = await server.Schedule(sale);
        var got = (await server.Get($"{path}/seats?date={sale.Date}", buyer)).Is(ProblemCode.AmbiguousDate);
        Assert.Equal(
            new[] { sale.ScheduleId, second.ScheduleId }.Order(), got["schedules"].EnumerateArray().Select(id => id.GetString()!).Order());
    }

    [Fact]
    [Reaches("SALES_CLOSED")]
    public async Task Outside_the_window_nothing_is_sold_but_what_is_held_may_be_paid()
    {
        var sale = await server.Sale(times: $"\"salesCloseAt\":\"{server.Now.AddMinutes(1):yyyy-MM-ddTHH:mm:ssZ}\",");
        var buyer = await server.Buyer(sale);
        var held = (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
        server.Time.Advance(TimeSpan.FromMilliseconds(59_999));
        (await server.Hold(sale, buyer, "A-1-2")).Is(HttpStatusCode.Created);
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await server.Hold(sale, buyer, "A-1-3")).Is(ProblemCode.SalesClosed);
        var dated = $$"""{"date":"{{sale.Date}}","seats":["A-1-3"]}""";
        (await server.Post($"/v1/concerts/{sale.ConcertId}/holds", buyer, dated)).Is(ProblemCode.DateNotBookable);
        (await server.Get($"/v1/concerts/{sale.ConcertId}/seats?date={sale.Date}", buyer)).Is(ProblemCode.DateNotBookable);
        (await server.Pay(buyer, held)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_sold_out_date_is_still_answered()
    {
        var sale = await server.Sale(sections: """[{"name":"A","rows":1,"seatsPerRow":1,"price":0}]""");
        var buyer = await server.Buyer(sale, 0);
        (await server.Pay(buyer, (await server.Hold(sale, buyer, "A-1-1")).Text("reservationId"))).Is(HttpStatusCode.Created);
        var path = $"/v1/concerts/{sale.ConcertId}";
        var looker = await server.Joins(sale.QueueId);
        var got = (await server.Get($"{path}/seats?date={sale.Date}&status=AVAILABLE", looker)).Is(HttpStatusCode.OK);
        Assert.Equal(0, got["seats"].GetArrayLength());
        await Server.Until(() => server.Get(path), concert => concert["soldOut"].GetBoolean());
    }

    private static byte[] Unpacked(byte[] bytes, string encoding)
    {
        var (packed, plain) = (new MemoryStream(bytes), new MemoryStream());
        Stream unpacking = encoding switch
        {
            "br" => new BrotliStream(packed, CompressionMode.Decompress),
            "gzip" => new GZipStream(packed, CompressionMode.Decompress),
            _ => packed,
        };
        unpacking.CopyTo(plain);
        return plain.ToArray();
    }

    private Task<Got> Ask(string path, Visitor visitor, string ifNoneMatch, string acceptEncoding = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        visitor.Sign(request);
        request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", acceptEncoding);
        return server.Send(request);
    }
}
