using System.Net.Http.Headers;

namespace OrleansConcert.Api.Tests;

/// <summary>Somebody with credentials, or with some of them.</summary>
public sealed record Visitor(string UserId)
{
    public string? Access { get; init; }

    public string? Token { get; init; }

    /// <summary>The same person without the access token.</summary>
    public Visitor OnlyToken => this with { Access = null };

    /// <summary>The same person without the queue token.</summary>
    public Visitor OnlyAccess => this with { Token = null };

    public void Sign(HttpRequestMessage request)
    {
        if (Access is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Access);
        }

        if (Token is not null)
        {
            request.Headers.Add("Queue-Token", Token);
        }
    }
}

/// <summary>A concert of its own queue with one schedule.</summary>
/// <param name="Date">The day of the schedule, in Seoul.</param>
public sealed record Sale(string QueueId, string ConcertId, string ScheduleId, string Date);

/// <summary>How tests come by visitors and sales.</summary>
public static class Casting
{
    public const string OneSection = """[{"name":"A","rows":3,"seatsPerRow":4,"price":1000}]""";

    public static async Task<Visitor> User(this Server server, string? userId = null, bool admin = false)
    {
        userId ??= Server.New("user");
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/access-tokens");
        request.Headers.Add("Operator-Key", "dev");
        request.Content = new StringContent($$"""{"userId":"{{userId}}","roles":[{{(admin ? "\"admin\"" : "")}}]}""");
        request.Content.Headers.ContentType = new("application/json");
        var got = (await server.Send(request)).Is(HttpStatusCode.Created);
        return new(userId) { Access = got.Text("accessToken") };
    }

    public static Task<Visitor> Admin(this Server server) => server.User(admin: true);

    /// <summary>A queue that admits everybody at once, unless the policy says otherwise.</summary>
    public static async Task<string> Queue(this Server server, string policy = """{"admitCount":null,"maxActive":null}""")
    {
        var id = Server.New("queue");
        (await server.Send("PUT", $"/v1/admin/queues/{id}", await server.Admin(), policy)).Is(HttpStatusCode.OK);
        return id;
    }

    public static async Task<Sale> Sale(
        this Server server, string policy = "{}", string sections = OneSection, string? queueId = null, string times = "")
    {
        queueId ??= await server.Queue();
        var admin = await server.Admin();
        var concert = Server.New("concert");
        (await server.Post("/v1/admin/concerts", admin, $$"""
            {"concertId":"{{concert}}","title":"T","queueId":"{{queueId}}","policy":{{policy}}}
            """)).Is(HttpStatusCode.Created);
        return await server.Schedule(new(queueId, concert, "", ""), sections, times);
    }

    /// <summary>One more schedule of the same concert.</summary>
    public static async Task<Sale> Schedule(this Server server, Sale sale, string sections = OneSection, string times = "")
    {
        var schedule = Server.New("schedule");
        var starts = times.Contains("startsAt", StringComparison.Ordinal)
            ? times
            : $"\"startsAt\":\"{server.Now.AddDays(30):yyyy-MM-ddTHH:mm:ssZ}\",{times}";
        var got = (await server.Post($"/v1/admin/concerts/{sale.ConcertId}/schedules", await server.Admin(), $$"""
            {"scheduleId":"{{schedule}}",{{starts}}"sections":{{sections}}}
            """)).Is(HttpStatusCode.Created);
        return sale with { ScheduleId = schedule, Date = got.Text("date") };
    }

    /// <summary>The same visitor with a place in the queue.</summary>
    public static async Task<Visitor> Joins(this Server server, string queueId, Visitor? visitor = null)
    {
        visitor ??= await server.User();
        var got = await server.Post("/v1/queue-tokens", visitor.OnlyAccess, $$"""{"queueId":"{{queueId}}"}""");
        return visitor with { Token = got.Text("token") };
    }

    /// <summary>A visitor with an ACTIVE token and money.</summary>
    public static async Task<Visitor> Buyer(this Server server, Sale sale, long balance = 1_000_000)
    {
        var buyer = await server.Joins(sale.QueueId);
        if (balance > 0)
        {
            (await server.Post("/v1/users/me/wallet/charges", buyer, $$"""{"amount":{{balance}}}""")).Is(HttpStatusCode.Created);
        }

        return buyer;
    }

    /// <summary>Somebody whose token has ended because they left.</summary>
    public static async Task<Visitor> Gone(this Server server, string queueId)
    {
        var gone = await server.Joins(queueId);
        (await server.Send("DELETE", "/v1/queue-tokens/me", gone)).Is(HttpStatusCode.NoContent);
        return gone;
    }

    public static Task<Got> Hold(this Server server, Sale sale, Visitor visitor, params string[] seats) => server.Post(
        $"/v1/schedules/{sale.ScheduleId}/holds", visitor, $$"""{"seats":{{JsonSerializer.Serialize(seats)}}}""");

    public static Task<Got> Pay(this Server server, Visitor visitor, string reservationId, string? key = null) =>
        server.Post("/v1/payments", visitor, $$"""{"reservationId":"{{reservationId}}"}""", key);

    /// <summary>The status of a seat as the map shows it.</summary>
    public static async Task<string> SeatStatus(this Server server, Sale sale, Visitor visitor, string seat)
    {
        var map = (await server.Get($"/v1/schedules/{sale.ScheduleId}/seats", visitor)).Is(HttpStatusCode.OK);
        return map["seats"].EnumerateArray().Single(one => one.GetProperty("seatId").GetString() == seat)
            .GetProperty("status").GetString()!;
    }
}
