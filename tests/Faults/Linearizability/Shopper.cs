using System.Text.Json;

namespace OrleansConcert.Faults.Linearizability;

/// <summary>
/// One of many who want the same few seats: holds, gives back, pays, lets lapse and looks, at random, and notes all of it. A call that
/// is not answered is repeated with its key, or given up and left open.
/// </summary>
internal sealed class Shopper(
    string name, string access, IReadOnlyList<string> seats, SeatHistories histories, Findings findings, Random random)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan HoldTtl = TimeSpan.FromSeconds(1);

    private readonly List<(string Id, Seats Seats)> _mine = [];
    private string? _place;
    private int _keys;

    public async Task Shop(Client client, string schedule, CancellationToken stop)
    {
        _mine.Clear();
        while (!stop.IsCancellationRequested)
        {
            _place ??= await Join(client, stop);
            var (dice, call) = (random.Next(100), histories.Now);
            var mine = _mine.Count == 0 ? default : _mine[random.Next(_mine.Count)];
            await (dice switch
            {
                < 15 => Look(client, call, schedule),
                _ when _place is null => Task.CompletedTask,
                < 45 => Hold(client, call, schedule),
                _ when mine.Id is null => Hold(client, call, schedule),
                < 65 => Ask(client, call, mine.Id, mine.Seats),
                < 90 => GiveBack(client, call, mine.Id, mine.Seats),
                < 94 => Confirm(client, call, mine.Id, mine.Seats),
                _ => Pay(client, call, mine.Id, mine.Seats),
            });
        }
    }

    private async Task<string?> Join(Client client, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (await client.Send(Post("/v1/queue-tokens", "{}"), stop) is { IsSuccess: true } joined)
            {
                return joined.Json.Text("token");
            }

            await Task.Delay(Pause, CancellationToken.None);
        }

        return null;
    }

    private async Task Look(Client client, long call, string schedule)
    {
        if (await client.Send(Get($"/v1/schedules/{schedule}/seats")) is { IsSuccess: true } reply)
        {
            foreach (var seat in reply.Json.GetProperty("seats").EnumerateArray())
            {
                histories.Mapped(call, schedule, seat.Text("seatId"), seat.Text("status"));
            }
        }
    }

    private async Task Hold(Client client, long call, string schedule)
    {
        List<string> wanted = [.. seats.OrderBy(_ => random.Next()).Take(random.Next(1, 3))];
        var (reply, _) = await Send(client, Post($"/v1/schedules/{schedule}/holds", JsonSerializer.Serialize(new { seats = wanted })));
        switch (reply)
        {
            case null:
                histories.PerhapsHeld(call, new(schedule, wanted), HoldTtl);
                break;
            case { IsSuccess: true }:
                var id = reply.Json.Text("reservationId");
                _mine.Add((id, new(schedule, wanted)));
                histories.Held(call, id, new(schedule, wanted), reply.Json.Time("expiresAt"));
                break;
            case { Code: "SEATS_TAKEN" }:
                histories.Taken(call, new(schedule, reply.RefusedSeats));
                break;
            default:
                Refused(reply);
                break;
        }
    }

    private async Task Ask(Client client, long call, string id, Seats of)
    {
        if (await client.Send(Get($"/v1/reservations/{id}")) is { IsSuccess: true } reply)
        {
            var seen = reply.Json.Text("status") switch
            {
                "HELD" or "RESERVED" or "PAYING" => Act.SeeHolder,
                "PAID" => Act.SeeOwner,
                _ => Act.SeeGone,
            };
            histories.Told(call, seen, id, of);
        }
    }

    private async Task GiveBack(Client client, long call, string id, Seats of)
    {
        var (reply, _) = await Send(client, new(HttpMethod.Delete, $"/v1/reservations/{id}") { Access = access });
        Learn(reply, () => histories.Told(call, Act.Release, id, of), () => histories.Perhaps(call, Act.Release, id, of), call, id, of);
    }

    private async Task Confirm(Client client, long call, string id, Seats of)
    {
        var (reply, _) = await Send(client, Post($"/v1/reservations/{id}/confirm", null));
        Learn(reply, () => histories.Told(call, Act.SeeHolder, id, of), () => { }, call, id, of);
    }

    private async Task Pay(Client client, long call, string id, Seats of)
    {
        var (reply, sent) = await Send(client, Post("/v1/payments", $$"""{"reservationId":"{{id}}"}"""));
        if (reply is null || sent > 1)
        {
            histories.PerhapsAborted(call, id, of);
        }

        Learn(reply, () => histories.Sold(call, id, of), () => histories.Perhaps(call, Act.Sell, id, of), call, id, of);
        if (reply is null or { IsSuccess: true })
        {
            // Its token is done, and gives its other holds back soon.
            _mine.Where(other => other.Id != id).ToList().ForEach(other => histories.Perhaps(call, Act.Release, other.Id, other.Seats));
            _place = null;
        }
    }

    private void Learn(Reply? reply, Action done, Action open, long call, string id, Seats of)
    {
        switch (reply)
        {
            case null:
                open();
                break;
            case { IsSuccess: true }:
                done();
                break;
            case { Code: "HOLD_EXPIRED" or "RESERVATION_CANCELLED" }:
                histories.Told(call, Act.SeeGone, id, of);
                break;
            case { Code: "ALREADY_PAID" or "ALREADY_RESERVED" }:
                histories.Told(call, Act.SeeOwner, id, of);
                break;
            default:
                Refused(reply);
                break;
        }
    }

    private void Refused(Reply reply)
    {
        findings.Unless(reply.Code == "TOKEN_ENDED", $"{name} was answered {reply}");
        _place = null;
    }

    /// <summary>Sends it until it is answered, or gives it up; also says how often it was sent.</summary>
    private async Task<(Reply? Reply, int Sent)> Send(Client client, Request request)
    {
        var isGivenUp = random.Next(3) == 0;
        for (var sent = 1; ; sent++)
        {
            if (await client.Send(request) is { IsOpen: false } reply)
            {
                return (reply, sent);
            }

            if (isGivenUp || sent > 500)
            {
                return (null, sent);
            }

            await Task.Delay(Pause);
        }
    }

    private Request Get(string path) => new(HttpMethod.Get, path) { Access = access, Queue = _place };

    private Request Post(string path, string? body) =>
        new(HttpMethod.Post, path) { Access = access, Queue = _place, Body = body, Key = $"{name}-{++_keys}" };
}
