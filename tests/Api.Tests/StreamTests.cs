using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansConcert.Api.Resources;
using OrleansConcert.Api.Streams;

namespace OrleansConcert.Api.Tests;

/// <summary>Streams of events: of a token, of seats, and what holds of both.</summary>
public sealed class StreamTests : IAsyncLifetime
{
    private const string OneAtATime = """{"admitCount":null,"maxActive":1,"waitingIdleTimeout":null,"activeIdleTimeout":"PT1M"}""";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private Server _server = null!;

    public async Task InitializeAsync() => _server = await Server.Start();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    [Succeeds("GET /v1/queue-tokens/me/events")]
    public async Task A_token_is_shown_at_once_and_whenever_its_place_changes()
    {
        var queue = await _server.Queue(OneAtATime);
        var (first, second, third) = (await _server.Joins(queue), await _server.Joins(queue), await _server.Joins(queue));
        using var stream = await _server.FollowToken(third);
        var polled = (await _server.Get("/v1/queue-tokens/me", third)).Is(HttpStatusCode.OK);
        var shown = await stream.Next();
        Assert.Equal(("token", null), (shown.Name, shown.Id));
        Assert.Equal(polled.Json.GetRawText(), shown.Data);
        Assert.Equal(2, shown.Json.GetProperty("position").GetInt64());

        await Leave(second);
        await _server.Pass(Second);
        Assert.Equal(1, (await stream.Next()).Json.GetProperty("position").GetInt64());
        await Leave(first);
        await _server.Pass(Second);
        var admitted = await stream.Next();
        Assert.Equal(("ACTIVE", 0), (Text(admitted, "status"), admitted.Json.GetProperty("position").GetInt64()));
    }

    [Fact]
    public async Task Changes_within_a_second_are_one_event()
    {
        var queue = await _server.Queue(OneAtATime);
        await _server.Joins(queue);
        var ahead = new List<Visitor>();
        for (var number = 0; number < 4; number++)
        {
            ahead.Add(await _server.Joins(queue));
        }

        using var stream = await _server.FollowToken(await _server.Joins(queue));
        Assert.Equal(5, (await stream.Next()).Json.GetProperty("position").GetInt64());
        await _server.Pass(Second);
        await Leave(ahead[0]);
        await _server.Pass(Second / 4);
        await Leave(ahead[1]);
        await _server.Pass(Second / 4);
        await Leave(ahead[2]);
        await _server.Pass(Second);
        Assert.Equal((4, 2), (await Position(stream), await Position(stream)));
    }

    [Fact]
    public async Task After_fifteen_silent_seconds_a_comment_comes()
    {
        var queue = await _server.Queue();
        using var stream = await _server.FollowToken(await _server.Joins(queue));
        Assert.Equal(["retry", "token"], [(await stream.NextOfAny())!.Name, (await stream.NextOfAny())!.Name]);
        await _server.Pass(TimeSpan.FromSeconds(30));
        var comment = new Received("", null, "");
        Assert.Equal((comment, comment), (await stream.NextOfAny(), await stream.NextOfAny()));
    }

    [Theory]
    [InlineData("CANCELLED", "LEFT")]
    [InlineData("EXPIRED", "TTL")]
    [InlineData("DONE", "PAID")]
    public async Task A_token_stream_ends_after_the_end_of_its_token(string status, string reason)
    {
        var sale = await _server.Sale(queueId: await _server.Queue("""{"admitCount":null,"maxActive":null,"activeTtl":"PT1M"}"""));
        var buyer = await _server.Buyer(sale);
        using var stream = await _server.FollowToken(buyer);
        await stream.Next();
        switch (status)
        {
            case "CANCELLED":
                await Leave(buyer);
                break;
            case "EXPIRED":
                await _server.Pass(TimeSpan.FromMinutes(1));
                break;
            default:
                var held = (await _server.Hold(sale, buyer, "A-1-1")).Text("reservationId");
                (await _server.Pay(buyer, held)).Is(HttpStatusCode.Created);
                break;
        }

        await _server.Pass(Second);
        var last = Assert.Single(await stream.Rest(), received => received.Name == "token");
        Assert.Equal((status, reason), (Text(last, "status"), Text(last, "reason")));
        await _server.UntilOpen(0);
    }

    [Theory]
    [InlineData("PT1S", true)]
    [InlineData("PT1S", false)]
    [InlineData("PT2S", false)]
    [InlineData("PT10S", true)]
    public async Task An_open_stream_keeps_its_token_from_idling(string timeout, bool ofToken)
    {
        var queue = await _server.Queue($$"""{"admitCount":null,"maxActive":null,"activeIdleTimeout":"{{timeout}}"}""");
        var sale = await _server.Sale(queueId: queue);
        var visitor = await _server.Joins(queue);
        using (var stream = ofToken ? await _server.FollowToken(visitor) : await _server.FollowSeats(sale, visitor))
        {
            await stream.Next();
            await _server.Pass(TimeSpan.FromSeconds(30));
        }

        await _server.UntilOpen(0);
        Assert.Equal("ACTIVE", (await _server.Get("/v1/queue-tokens/me", visitor)).Text("status"));
    }

    [Fact]
    public async Task Who_watches_seats_does_not_idle_while_their_schedule_cannot_answer()
    {
        var schedules = new FailingSchedules();
        await using var own = new Disposing(await Server.Start(schedules.Instead));
        var server = own.Server;
        var queue = await server.Queue("""{"admitCount":null,"maxActive":null,"activeIdleTimeout":"PT1S"}""");
        var sale = await server.Sale(queueId: queue);
        var (early, late) = (await server.Joins(queue), await server.Joins(queue));
        using var before = await server.FollowSeats(sale, early);
        await before.Next();
        schedules.Fail = true;
        using var meanwhile = await server.FollowSeats(sale, late);
        await server.Pass(TimeSpan.FromSeconds(10));
        schedules.Fail = false;
        await server.Pass(Second);
        Assert.Equal(12, (await meanwhile.Next()).Json.GetProperty("seats").GetArrayLength());
        foreach (var visitor in new[] { early, late })
        {
            Assert.Equal("ACTIVE", (await server.Get("/v1/queue-tokens/me", visitor)).Text("status"));
        }
    }

    [Fact]
    public async Task A_feed_is_let_go_when_its_last_stream_has_left()
    {
        var sale = await _server.Sale();
        var buyer = await _server.Buyer(sale);
        var feeds = _server.App.Services.GetRequiredService<Feeds>();
        var (house, _) = await _server.App.Services.GetRequiredService<Houses>().Find(sale.ScheduleId);
        var (seats, token) = (feeds.Seats(house!), feeds.Tokens(sale.QueueId));
        using (var ofSeats = await _server.FollowSeats(sale, buyer))
        {
            using var ofToken = await _server.FollowToken(buyer);
            Assert.Same(seats, feeds.Seats(house!));
            Assert.Same(token, feeds.Tokens(sale.QueueId));
            await ofSeats.Next();
            await ofToken.Next();
        }

        await _server.UntilOpen(0);
        Assert.NotSame(seats, feeds.Seats(house!));
        Assert.NotSame(token, feeds.Tokens(sale.QueueId));
    }

    [Fact]
    [Succeeds("GET /v1/schedules/{scheduleId}/seats/events")]
    public async Task Seats_are_shown_whole_and_then_as_they_change()
    {
        var sale = await _server.Sale();
        var buyer = await _server.Buyer(sale);
        using var stream = await _server.FollowSeats(sale, buyer);
        var whole = await stream.Next();
        Assert.Equal((await _server.Get($"/v1/schedules/{sale.ScheduleId}/seats", buyer)).Json.GetRawText(), whole.Data);
        Assert.Equal("seats", whole.Name);
        Assert.Equal(whole.Json.GetProperty("version").GetRawText(), whole.Id);

        (await _server.Hold(sale, buyer, "A-2-3")).Is(HttpStatusCode.Created);
        await _server.Pass(Second / 4);
        var held = await stream.Next();
        Assert.False(held.Json.GetProperty("complete").GetBoolean());
        var seat = Assert.Single(held.Json.GetProperty("seats").EnumerateArray());
        Assert.Equal(("A-2-3", "HELD"), (seat.GetProperty("seatId").GetString(), seat.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_seat_stream_goes_on_where_the_last_one_ended()
    {
        var sale = await _server.Sale();
        var buyer = await _server.Buyer(sale);
        using var before = await _server.FollowSeats(sale, buyer);
        var first = (await before.Next()).Id!;
        before.Dispose();
        (await _server.Hold(sale, buyer, "A-1-2")).Is(HttpStatusCode.Created);
        foreach (var (since, id) in new[] { (long.Parse(first), (string?)null), (0, first), (0, null), (99, null), (0, "nonsense") })
        {
            await _server.UntilOpen(0);
            using var after = await _server.FollowSeats(sale, buyer, since, id);
            var knows = since.ToString() == first || id == first;
            Assert.Equal(knows ? 1 : 12, (await after.Next()).Json.GetProperty("seats").GetArrayLength());
        }
    }

    [Fact]
    public async Task A_seat_stream_ends_soon_after_the_right_to_it()
    {
        var sale = await _server.Sale();
        var buyer = await _server.Buyer(sale);
        using var stream = await _server.FollowSeats(sale, buyer);
        await stream.Next();
        await Leave(buyer);
        await _server.Pass(TimeSpan.FromSeconds(3));
        await stream.Rest();
        await _server.UntilOpen(0);
    }

    [Fact]
    public async Task Gates_and_arguments_are_looked_at_before_a_stream_is_opened()
    {
        var queue = await _server.Queue(OneAtATime);
        var sale = await _server.Sale(queueId: queue);
        var active = await _server.Joins(queue);
        var waiting = await _server.Joins(queue);
        var other = await _server.Joins(await _server.Queue());
        var path = $"/v1/schedules/{sale.ScheduleId}/seats/events";
        (await _server.Get(path)).Is(ProblemCode.TokenMissing);
        (await _server.Get(path, active with { Token = active.Token + "x" })).Is(ProblemCode.TokenInvalid);
        (await _server.Get(path, waiting)).Is(ProblemCode.TokenNotActive);
        (await _server.Get(path, other)).Is(ProblemCode.WrongQueue);
        (await _server.Get(path + "?since=x", active)).Is(ProblemCode.InvalidArgument);
        (await _server.Get("/v1/schedules/none/seats/events", active)).Is(ProblemCode.ScheduleNotFound);
        (await _server.Get("/v1/queue-tokens/me/events", await _server.Gone(queue))).Is(ProblemCode.TokenEnded);
        (await _server.Get("/v1/queue-tokens/me/events", active.OnlyAccess)).Is(ProblemCode.TokenMissing);
        (await _server.Send("POST", path, active)).Is(ProblemCode.MethodNotAllowed);
        var json = new HttpRequestMessage(HttpMethod.Get, path);
        json.Headers.Add("Accept", "application/json");
        active.Sign(json);
        (await _server.Send(json)).Is(ProblemCode.NotAcceptable);
        var head = await _server.Send("HEAD", path, active);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (head.Status, head.Response.Content.Headers.ContentType!.MediaType));
        Assert.True(head.Response.Headers.CacheControl!.NoStore);
        await _server.UntilOpen(0);
    }

    [Fact]
    [Reaches("RATE_LIMITED")]
    public async Task A_user_and_all_users_have_so_many_streams_and_no_more()
    {
        await using var own = new Disposing(await Server.Start("--Concert:Limits:Streams=3", "--Concert:Limits:StreamsPerUser=2"));
        var server = own.Server;
        var queue = await server.Queue();
        var (alice, bob) = (await server.Joins(queue), await server.Joins(queue));
        using var one = await server.FollowToken(alice);
        var two = await server.FollowToken(alice);
        var refused = (await server.Get("/v1/queue-tokens/me/events", alice)).Is(ProblemCode.RateLimited);
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Response.Headers.RetryAfter!.Delta);
        using var three = await server.FollowToken(bob);
        (await server.Get("/v1/queue-tokens/me/events", bob)).Is(ProblemCode.RateLimited);
        await server.Until(inFlight: 0);
        two.Dispose();
        await server.UntilOpen(2);
        using var again = await server.FollowToken(alice);
        await again.Next();
        await server.UntilOpen(3);
    }

    [Fact]
    public async Task At_a_stop_every_stream_is_told_when_to_come_back()
    {
        var server = await Server.Start();
        var queue = await server.Queue();
        var streams = new List<EventReader>();
        for (var number = 0; number < 20; number++)
        {
            streams.Add(await server.FollowToken(await server.Joins(queue)));
        }

        await Task.WhenAll(streams.Select(stream => stream.Next()));
        var stopping = server.App.StopAsync();
        var rests = await Task.WhenAll(streams.Select(stream => stream.Rest()));
        Assert.All(rests, rest => Assert.Equal("retry", rest[^1].Name));
        var waits = rests.Select(rest => int.Parse(rest[^1].Data)).ToArray();
        Assert.All(waits, wait => Assert.InRange(wait, 1_000, 10_000));
        Assert.True(waits.Max() - waits.Min() > 5_000, string.Join(' ', waits));
        await stopping.WaitAsync(TimeSpan.FromSeconds(10));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Who_takes_nothing_holds_up_nobody_and_is_given_up()
    {
        var sections = """[{"name":"A","rows":1000,"seatsPerRow":100,"price":1000}]""";
        var sale = await _server.Sale(sections: sections);
        var (slow, quick) = (await _server.Buyer(sale), await _server.Buyer(sale));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(IPAddress.Loopback, _server.Client.BaseAddress!.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /v1/schedules/{sale.ScheduleId}/seats/events HTTP/1.1\r\nHost: a\r\nQueue-Token: {slow.Token}\r\n\r\n"));
        await _server.UntilOpen(1);
        using var stream = await _server.FollowSeats(sale, quick);
        await stream.Next();
        await _server.Pass(Second);
        (await _server.Hold(sale, quick, "A-1-1")).Is(HttpStatusCode.Created);
        await _server.Pass(Second);
        Assert.Single((await stream.Next()).Json.GetProperty("seats").EnumerateArray());
        for (var passed = 0; passed < 100; passed++)
        {
            await _server.Pass(Second);
        }

        await _server.UntilOpen(1);
        Assert.Equal(0, (await stream.NextOfAny())!.Data.Length);
    }

    private static async Task<long> Position(EventReader stream) => (await stream.Next()).Json.GetProperty("position").GetInt64();

    private static string? Text(Received received, string member) => received.Json.GetProperty(member).GetString();

    private async Task Leave(Visitor visitor) =>
        (await _server.Send("DELETE", "/v1/queue-tokens/me", visitor)).Is(HttpStatusCode.NoContent);
}
