namespace OrleansConcert.Faults.Repeats;

/// <summary>What the shoppers find: a queue that lets everybody in, and a house with room for all.</summary>
internal static class Opening
{
    private const int SeatsPerRow = 50;

    public static string ScheduleBody(string scheduleId, int rows) => $$"""
        {"scheduleId":"{{scheduleId}}","startsAt":"2099-01-01T12:00:00Z","salesOpenAt":"2020-01-01T12:00:00Z",
        "sections":[{"name":"A","rows":{{rows}},"seatsPerRow":{{SeatsPerRow}},"price":{{Shopper.Price}}}]}
        """;

    /// <summary>Opens it for so many.</summary>
    /// <returns>The day of the show.</returns>
    public static async Task<string> Open(Crowd crowd, int shoppers)
    {
        const string Operator = """{"userId":"operator","roles":["admin"]}""";
        crowd.Admin = (await crowd.Site.Ask(new(HttpMethod.Post, "/v1/access-tokens") { Body = Operator })).Json.Text("accessToken");
        await Do(crowd, HttpMethod.Put, $"/v1/admin/queues/{Shopper.Queue}", """{"admitCount":null,"maxActive":null,"activeIdleTimeout":null}""");
        await Do(crowd, HttpMethod.Post, "/v1/admin/concerts", $$"""{"concertId":"{{Shopper.Concert}}","title":"T"}""");
        var rows = Math.Max(4, (shoppers * 4 / SeatsPerRow) + 1);
        var made = await Do(
            crowd, HttpMethod.Post, $"/v1/admin/concerts/{Shopper.Concert}/schedules", ScheduleBody(Shopper.Schedule, rows));
        return made.Json.Text("date");
    }

    private static async Task<Reply> Do(Crowd crowd, HttpMethod method, string path, string body)
    {
        var reply = await crowd.Site.Ask(new(method, path) { Access = crowd.Admin, Body = body });
        Assert.True(reply.IsSuccess, $"{path}: {reply}");
        return reply;
    }
}
