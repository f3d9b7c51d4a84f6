using System.Globalization;

namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>A server with something of everything in it, for attackers to find.</summary>
internal static class House
{
    private const string Sections =
        """[{"name":"A","rows":30,"seatsPerRow":40,"price":1000},{"name":"B","rows":5,"seatsPerRow":10,"price":0}]""";

    private static readonly string[] Queues = ["main", "narrow"];

    /// <summary>Fills it, and says what is in it.</summary>
    public static async Task<Known> Furnish(Server server)
    {
        var known = new Known { Admin = await server.User("operator", admin: true) };
        (await server.Send("PUT", "/v1/admin/queues/narrow", known.Admin, """{"maxActive":3,"browseGate":"NOT_EXPIRED"}""")).Is(HttpStatusCode.OK);
        foreach (var queue in Queues)
        {
            known.Add(Kind.QueueId, queue);
            (await server.Post("/v1/admin/concerts", known.Admin, $$$"""
                {"concertId":"at-{{{queue}}}","title":"T","queueId":"{{{queue}}}","policy":{"explicitReserve":{{{(queue == "main" ? "false" : "true")}}}}}
                """)).Is(HttpStatusCode.Created);
            known.Add(Kind.ConcertId, $"at-{queue}");
        }

        await Refresh(server, known, 0);
        return known;
    }

    /// <summary>Opens what was closed meanwhile, and brings new visitors and new seats.</summary>
    public static async Task Refresh(Server server, Known known, int round)
    {
        known.Admin = await server.User("operator", admin: true);
        (await server.Send("PUT", "/v1/admin/queues/main", known.Admin, """{"preset":"standard"}""")).Is(HttpStatusCode.OK);
        foreach (var queue in Queues)
        {
            (await server.Post($"/v1/admin/queues/{queue}/resume", known.Admin)).Is(HttpStatusCode.OK);
            var id = string.Create(CultureInfo.InvariantCulture, $"{queue}-{round}");
            var got = await server.Post($"/v1/admin/concerts/at-{queue}/schedules", known.Admin, $$"""
                {"scheduleId":"{{id}}","startsAt":"{{server.Now.AddDays(30 + round):yyyy-MM-ddTHH:mm:ssZ}}","sections":{{Sections}}}
                """);
            known.Add(Kind.ScheduleId, id);
            known.Add(Kind.Date, got.Is(HttpStatusCode.Created).Text("date"));
        }

        for (var number = 0; number < 8; number++)
        {
            await Welcome(server, known, $"user-{round}-{number}", Queues[number % 2]);
        }
    }

    /// <summary>A visitor with some money and, where the queue lets them, a hold, a sold seat or an ended token.</summary>
    private static async Task Welcome(Server server, Known known, string userId, string queue)
    {
        var visitor = await server.Joins(queue, await server.User(userId));
        known.Add(Kind.UserId, userId);
        known.Add(visitor);
        var held = await server.Post($"/v1/schedules/{known.Any(Kind.ScheduleId, new Random(0))}/holds", visitor, """{"bestAvailable":{"count":1} }""");
        if (held.Status == HttpStatusCode.Created)
        {
            known.Learn(held.Json);
        }
    }
}
