namespace OrleansConcert.Faults;

/// <summary>One visitor in the middle of things, for whom every kind of write and of read is the next thing to do.</summary>
internal sealed class Visit
{
    private readonly string _admin;
    private readonly List<Request> _writes = [];
    private readonly List<Request> _reads = [];

    private Visit(string admin) => _admin = admin;

    public int Writes => _writes.Count;

    /// <summary>A concert, a visitor with three holds, and another who has not come yet.</summary>
    public static async Task<Visit> Open(Client client)
    {
        var visit = new Visit(await client.SignIn("operator", admin: true));
        await client.Ask(visit.OfAdmin("/v1/admin/concerts", """{"concertId":"gala","title":"Gala","policy":{"tokenPerPayment":false}}"""));
        await client.Ask(visit.OfAdmin("/v1/admin/concerts/gala/schedules", """
            {"scheduleId":"gala-1","startsAt":"2099-01-01T12:00:00Z","salesOpenAt":"2020-01-01T12:00:00Z",
            "sections":[{"name":"A","rows":5,"seatsPerRow":10,"price":1000}]}
            """));
        var (alice, bob) = (await client.SignIn("alice"), await client.SignIn("bob"));
        await client.Ask(new(HttpMethod.Post, "/v1/users/me/wallet/charges") { Access = alice, Body = """{"amount":100000}""" });
        var queue = (await client.Ask(new(HttpMethod.Post, "/v1/queue-tokens") { Access = alice, Body = "{}" })).Text("token");
        Request Of(HttpMethod method, string path, string? body = null) => new(method, path)
        {
            Access = alice,
            Queue = queue,
            Body = body,
            Key = method == HttpMethod.Post ? $"key-of-{path}-{body?.Length}" : null,
        };

        async Task<string> Held(string seat) => (await client.Ask(
            Of(HttpMethod.Post, "/v1/schedules/gala-1/holds", $$"""{"seats":["{{seat}}"]}""") with { Key = seat })).Text("reservationId");

        var (paid, confirmed, released) = (await Held("A-1-1"), await Held("A-1-2"), await Held("A-1-3"));
        visit._writes.AddRange(
        [
            Of(HttpMethod.Post, "/v1/payments", $$"""{"reservationId":"{{paid}}"}"""),
            Of(HttpMethod.Post, $"/v1/reservations/{confirmed}/confirm"),
            Of(HttpMethod.Delete, $"/v1/reservations/{released}"),
            Of(HttpMethod.Post, "/v1/schedules/gala-1/holds", """{"seats":["A-2-1"]}"""),
            new(HttpMethod.Post, "/v1/queue-tokens") { Access = bob, Body = "{}", Key = "bob-comes" },
            visit.OfAdmin("/v1/admin/concerts", """{"concertId":"second","title":"Second"}""") with { Key = "second" },
        ]);
        visit._reads.AddRange(
        [
            Of(HttpMethod.Get, $"/v1/reservations/{paid}"),
            Of(HttpMethod.Get, "/v1/queue-tokens/me"),
            Of(HttpMethod.Get, "/v1/users/me/wallet"),
            Of(HttpMethod.Get, "/v1/users/me/wallet/entries"),
            Of(HttpMethod.Get, "/v1/users/me/reservations"),
            Of(HttpMethod.Get, "/v1/schedules/gala-1/seats"),
            new(HttpMethod.Get, "/v1/concerts"),
            new(HttpMethod.Get, "/health/live"),
        ]);
        return visit;
    }

    /// <summary>Tries every write at once.</summary>
    public async Task<IReadOnlyList<Reply?>> TryAll(Client client) => await Task.WhenAll(_writes.Select(write => client.Send(write)));

    /// <summary>Does every write, under the keys under which it was tried.</summary>
    public async Task DoAll(Client client)
    {
        foreach (var write in _writes)
        {
            await client.Ask(write);
        }
    }

    public async Task<IReadOnlyList<Reply?>> LookAtAll(Client client) => await Task.WhenAll(_reads.Select(read => client.Send(read)));

    public async Task<bool> AuditIsRight(Client client) =>
        (await client.Ask(new(HttpMethod.Get, "/v1/admin/audit/invariants") { Access = _admin })).GetProperty("ok").GetBoolean();

    private Request OfAdmin(string path, string body) => new(HttpMethod.Post, path) { Access = _admin, Body = body };
}
