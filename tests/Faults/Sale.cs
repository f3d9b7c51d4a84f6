using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansConcert.Faults;

/// <summary>What is on sale, and what all buyers share: a queue with fewer places than users, two concerts, two deadlines.</summary>
internal sealed class Sale
{
    public const int Rows = 40;
    public const int SeatsPerRow = 50;
    public const int MaxActive = 12;

    private static readonly (string Concert, string HoldTtl)[] Concerts = [("slow", "PT10M"), ("quick", "PT2S")];

    private readonly ConcurrentQueue<string> _schedules = [];
    private long _ticks;
    private int _acknowledged;

    /// <summary>The schedules on sale now; older ones are as they were left.</summary>
    public IReadOnlyList<string> Schedules => [.. _schedules.TakeLast(Concerts.Length)];

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    public string Admin { get; private set; } = "";

    /// <summary>One counter for all clients: what was told before another was asked came before it.</summary>
    public long Tick() => Interlocked.Increment(ref _ticks);

    public void Count() => Interlocked.Increment(ref _acknowledged);

    /// <summary>Comes when so many more calls were acknowledged.</summary>
    public async Task MoreAcknowledged(int calls)
    {
        for (var (until, watch) = (Acknowledged + calls, Stopwatch.StartNew()); Acknowledged < until;)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), "nothing is acknowledged");
            await Task.Delay(5);
        }
    }

    public string AnySchedule(Random random) => Schedules[random.Next(Concerts.Length)];

    public async Task Open(Client client)
    {
        Admin = await client.SignIn("operator", admin: true);
        await client.Ask(new(HttpMethod.Put, "/v1/admin/queues/main")
        {
            Access = Admin,
            Body = $$"""
                {"maxActive":{{MaxActive}},"admitCount":null,"activeTtl":"P1D","activeIdleTimeout":null,"waitingIdleTimeout":null,
                "browseGate":"NOT_EXPIRED"}
                """,
        });
        foreach (var (concert, holdTtl) in Concerts)
        {
            var body = $$$"""{"concertId":"{{{concert}}}","title":"{{{concert}}}","policy":{"holdTtl":"{{{holdTtl}}}"}}""";
            await client.Ask(new(HttpMethod.Post, "/v1/admin/concerts") { Access = Admin, Body = body, Key = concert });
        }
    }

    /// <summary>A new house for each concert.</summary>
    public async Task AddSchedules(Client client, int number)
    {
        foreach (var (concert, _) in Concerts)
        {
            var id = $"{concert}-{number}";
            await client.Ask(new(HttpMethod.Post, $"/v1/admin/concerts/{concert}/schedules")
            {
                Access = Admin,
                Key = id,
                Body = $$"""
                    {"scheduleId":"{{id}}","startsAt":"2099-01-01T12:00:00Z","salesOpenAt":"2020-01-01T12:00:00Z",
                    "sections":[{"name":"A","rows":{{Rows}},"seatsPerRow":{{SeatsPerRow}},"price":1000}]}
                    """,
            });
            _schedules.Enqueue(id);
        }
    }
}
