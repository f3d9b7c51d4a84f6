using System.Diagnostics;
using System.Text.Json;
using OrleansConcert.Postgres;
using Xunit.Abstractions;

namespace OrleansConcert.Faults;

/// <summary>A wall clock that jumps, under a server that runs and between two runs.</summary>
public sealed class ClockTests(ITestOutputHelper output)
{
    private const string Charged = """{"amount":100000000}""";

    private static readonly string[] Jumps = ["+6m", "-2h", "+1d", "+0 x2", "-1d", "+0"];
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Skew = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Findings _findings = new();
    private readonly List<string> _sold = [];
    private readonly List<(string Reservation, string Seat, DateTimeOffset Ends)> _held = [];
    private DateTimeOffset _latest;
    private string _admin = "";
    private string _alice = "";
    private string _bob = "";
    private string _placeOfAlice = "";
    private string _placeOfBob = "";
    private int _seats;

    [ClockFact]
    public async Task Whatever_the_wall_clock_does_no_seat_is_sold_twice_and_no_deadline_moves()
    {
        var rounds = Rounds.Of("JUMPS", Jumps.Length);
        using var wall = new WallClock();
        using var folder = new TemporaryFolder();
        var server = Server.Launch(folder.Store, FreePorts.Next(), wall.Settings);
        try
        {
            await server.Ready();
            using (var client = new Client(server.Address))
            {
                await Open(client);
            }

            for (var round = 0; round < rounds && !_findings.Any; round++)
            {
                var jump = Jumps[round % Jumps.Length];
                using (var client = new Client(server.Address))
                {
                    await JumpUnder(client, wall, jump);
                }

                // The next start is with another clock again.
                var next = Jumps[(round + 1 + (round / Jumps.Length)) % Jumps.Length];
                wall.Set(next);
                server = await StartAgain(server, folder.Store, wall, kill: int.IsOddInteger(round));
                using var second = new Client(server.Address);
                await AfterStart(second, server, next);
                Rounds.Progress($"jump {2 * (round + 1)} of {2 * rounds}: {jump} under the server, {next} at its start");
            }
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _findings.Add($"{exception}");
        }

        await server.DisposeAsync();
        output.WriteLine($"{2 * rounds} jumps; {_sold.Count} seats sold, each once");
        Assert.False(_findings.Any, $"{_findings}\n{server.Errors}\n{server.Output}");
    }

    private async Task Open(Client client)
    {
        await SignIn(client);
        foreach (var (concert, ttl) in new[] { ("slow", "PT30M"), ("quick", "PT2S") })
        {
            var policy = $$"""{"holdTtl":"{{ttl}}","tokenPerPayment":false}""";
            await client.Ask(new(HttpMethod.Post, "/v1/admin/concerts")
            {
                Access = _admin,
                Body = $$"""{"concertId":"{{concert}}","title":"{{concert}}","policy":{{policy}}}""",
            });
            await client.Ask(new(HttpMethod.Post, $"/v1/admin/concerts/{concert}/schedules")
            {
                Access = _admin,
                Body = $$"""
                    {"scheduleId":"{{concert}}","startsAt":"2099-01-01T12:00:00Z",
                    "sections":[{"name":"A","rows":40,"seatsPerRow":50,"price":1000}]}
                    """,
            });
        }

        await client.Ask(new(HttpMethod.Put, "/v1/admin/queues/main")
        {
            Access = _admin,
            Body = """{"activeTtl":"P1D","activeIdleTimeout":null,"waitingIdleTimeout":null}""",
        });
        await client.Ask(new(HttpMethod.Post, "/v1/users/me/wallet/charges") { Access = _alice, Body = Charged });
        await Join(client);
    }

    private async Task SignIn(Client client)
    {
        _admin = await client.SignIn("operator", admin: true);
        (_alice, _bob) = (await client.SignIn("alice"), await client.SignIn("bob"));
    }

    private async Task Join(Client client)
    {
        async Task<string> Place(string access) =>
            (await client.Ask(new(HttpMethod.Post, "/v1/queue-tokens") { Access = access, Body = "{}" })).Text("token");
        (_placeOfAlice, _placeOfBob) = (await Place(_alice), await Place(_bob));
    }

    /// <summary>What was held before the jump ends when it was to end, by a counter that no jump moves.</summary>
    private async Task JumpUnder(Client client, WallClock wall, string jump)
    {
        var (sooner, before, later) = (Stopwatch.StartNew(), await Hold(client, "slow"), Stopwatch.StartNew());
        var (since, quick, told) = (Stopwatch.StartNew(), await Hold(client, "quick"), Stopwatch.StartNew());
        wall.Set(jump);
        var quickSeat = quick.Seats()[0];
        while (since.Elapsed < Quick - Skew)
        {
            var reply = await Show(client, quick);
            _findings.Unless(
                since.Elapsed > Quick - Skew || reply.Text("status") == "HELD", $"{jump}: a hold is lost after {since.Elapsed}: {reply}");
            await Task.Delay(100);
        }

        await Task.Delay(Quick + Skew - told.Elapsed);
        _findings.Unless((await Show(client, quick)).Text("status") == "EXPIRED", $"{jump}: a hold outlives its deadline");
        var another = await client.Send(HoldOf("quick", quickSeat, _bob, _placeOfBob));
        _findings.Unless(another is { Status: 201 }, $"{jump}: a lapsed seat is refused: {another}");

        var shown = await Show(client, before);
        _findings.Unless(
            shown.Text("status") == "HELD" && shown.Time("expiresAt") == before.Time("expiresAt"), $"{jump}: {before} is {shown}");
        var refused = await client.Send(HoldOf("slow", before.Seats()[0], _bob, _placeOfBob));
        _findings.Unless(refused is { Code: "SEATS_TAKEN" }, $"{jump}: a held seat is answered {refused}");

        var least = later.Elapsed;
        var after = await Hold(client, "slow");
        var (passed, most) = (after.Time("heldAt") - before.Time("heldAt"), sooner.Elapsed);
        _findings.Unless(passed > least - Skew && passed < most + Skew, $"{jump}: {least} to {most} passed, and the clock says {passed}");
        await Pay(client, before, jump);
        _held.Add((after.Text("reservationId"), after.Seats()[0], after.Time("expiresAt")));
    }

    /// <summary>The clock goes on from the later of the wall's and the journal's: nothing ends before its instant, or is undone.</summary>
    private async Task AfterStart(Client client, Server server, string jump)
    {
        // Whether access tokens outlive a start is for the wall clock to say.
        await SignIn(client);
        await Join(client);
        var probe = await Hold(client, "slow");
        var now = probe.Time("heldAt");
        _findings.Unless(now >= _latest, $"{jump}: the clock went back from {_latest:O} to {now:O}");
        var wall = TimeProvider.System.GetUtcNow() + OffsetOf(jump);
        var behind = _latest - wall;
        _findings.Unless(
            server.Output.Contains("BEHIND THE JOURNAL", StringComparison.Ordinal) == behind > TimeSpan.FromSeconds(1)
                || behind.Duration() < TimeSpan.FromSeconds(5),
            $"{jump}: the wall clock is {behind} behind, and the log says\n{server.Output}");
        foreach (var (reservation, seat, ends) in _held)
        {
            var status = (await client.Ask(new(HttpMethod.Get, $"/v1/reservations/{reservation}") { Access = _alice })).Text("status");
            var isRight = ends > now + Skew + TimeSpan.FromSeconds(5) ? status == "HELD" : ends < now ? status == "EXPIRED" : true;
            _findings.Unless(isRight, $"{jump}: {seat}, held until {ends:O}, is {status} at {now:O}");
        }

        _latest = now;
        _held.RemoveAll(hold => hold.Ends < now);
        foreach (var seat in _sold.TakeLast(5))
        {
            var again = await client.Send(HoldOf("slow", seat, _bob, _placeOfBob));
            _findings.Unless(again is { Code: "SEATS_TAKEN" }, $"{jump}: the sold seat {seat} is answered {again}");
        }

        await Pay(client, probe, jump);
        await _findings.Eventually(TimeSpan.FromSeconds(5), async () =>
        {
            var audit = await client.Ask(new(HttpMethod.Get, "/v1/admin/audit/invariants") { Access = _admin });
            return audit.GetProperty("ok").GetBoolean() && audit.GetProperty("totals").Number("soldSeats") == _sold.Count
                ? null
                : $"{jump}: {_sold.Count} seats are sold, and the audit says {audit}";
        });
    }

    private async Task<JsonElement> Hold(Client client, string schedule)
    {
        var seat = $"A-{(_seats / 50) + 1}-{(_seats % 50) + 1}";
        _seats++;
        var held = await client.Ask(HoldOf(schedule, seat, _alice, _placeOfAlice));
        _latest = held.Time("heldAt") > _latest ? held.Time("heldAt") : _latest;
        return held;
    }

    private static Request HoldOf(string schedule, string seat, string access, string place) =>
        new(HttpMethod.Post, $"/v1/schedules/{schedule}/holds")
        {
            Access = access,
            Queue = place,
            Body = $$"""{"seats":["{{seat}}"]}""",
        };

    private async Task Pay(Client client, JsonElement reservation, string jump)
    {
        var reply = await client.Send(new(HttpMethod.Post, "/v1/payments")
        {
            Access = _alice,
            Queue = _placeOfAlice,
            Body = $$"""{"reservationId":"{{reservation.Text("reservationId")}}"}""",
        });
        _findings.Unless(reply is { Status: 201 }, $"{jump}: a payment is answered {reply}");
        var seat = reservation.Seats()[0];
        _findings.Unless(!_sold.Contains(seat), $"{jump}: {seat} is sold twice");
        _sold.Add(seat);
    }

    private async Task<JsonElement> Show(Client client, JsonElement reservation) =>
        await client.Ask(new(HttpMethod.Get, $"/v1/reservations/{reservation.Text("reservationId")}") { Access = _alice });

    private static async Task<Server> StartAgain(Server server, string folder, WallClock wall, bool kill)
    {
        if (kill)
        {
            await server.Kill();
        }
        else
        {
            server.Terminate();
            Assert.Equal(0, await server.Exit(Patience));
        }

        await server.DisposeAsync();
        var again = Server.Launch(folder, FreePorts.Next(), wall.Settings);
        await again.Ready();
        return again;
    }

    private static TimeSpan OffsetOf(string jump) => jump switch
    {
        "+6m" => TimeSpan.FromMinutes(6),
        "-2h" => TimeSpan.FromHours(-2),
        "+1d" => TimeSpan.FromDays(1),
        "-1d" => TimeSpan.FromDays(-1),
        _ => TimeSpan.Zero,
    };
}
