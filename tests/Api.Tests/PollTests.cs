using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Api.Tests;

/// <summary>Polls that are answered from the host's copy of a queue's board.</summary>
public sealed class PollTests
{
    private const string Me = "/v1/queue-tokens/me";
    private const string OneAtATime = """{"admitCount":null,"maxActive":1,"waitingIdleTimeout":null,"activeIdleTimeout":null}""";

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task A_poll_asks_no_grain_while_the_copy_is_fresh()
    {
        var asked = new AskedQueues();
        await using var own = new Disposing(await Server.Start(asked.Instead));
        var server = own.Server;
        var queue = await server.Queue(OneAtATime);
        var visitors = new[] { await server.Joins(queue), await server.Joins(queue), await server.Joins(queue) };
        await Poll();

        asked.Clear();
        server.Time.Advance(TimeSpan.FromMilliseconds(150));
        await Poll();
        Assert.Empty(asked.Calls);

        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        await Poll();
        Assert.Equal(["Board"], asked.Calls);

        async Task Poll()
        {
            for (var number = 0; number < visitors.Length; number++)
            {
                Assert.Equal(number, (await server.Get(Me, visitors[number].OnlyToken)).Is(HttpStatusCode.OK)["position"].GetInt64());
            }
        }
    }

    [Fact]
    public async Task What_was_done_through_this_host_is_seen_at_once()
    {
        await using var own = new Disposing(await Server.Start());
        var server = own.Server;
        var queue = await server.Queue(OneAtATime);
        var sale = await server.Sale(queueId: queue);
        var (buyer, leaver, ended, last) =
            (await server.Buyer(sale), await server.Joins(queue), await server.Joins(queue), await server.Joins(queue));
        await Sees(buyer, "ACTIVE", 0, "FULL");
        await Sees(last, "WAITING", 3, "FULL");

        (await server.Send("DELETE", Me, leaver)).Is(HttpStatusCode.NoContent);
        await IsOver(leaver, "CANCELLED", "LEFT");
        await Sees(last, "WAITING", 2, "FULL");

        var admin = await server.Admin();
        var end = $$"""{"userId":"{{ended.UserId}}","why":"a bot"}""";
        (await server.Post($"/v1/admin/queues/{queue}/tokens/end", admin, end)).Is(HttpStatusCode.OK);
        await IsOver(ended, "CANCELLED", "ADMIN");
        await Sees(last, "WAITING", 1, "FULL");

        (await server.Post($"/v1/admin/queues/{queue}/pause", admin)).Is(HttpStatusCode.OK);
        await Sees(last, "WAITING", 1, "PAUSED");
        (await server.Post($"/v1/admin/queues/{queue}/resume", admin)).Is(HttpStatusCode.OK);
        await Sees(last, "WAITING", 1, "FULL");

        leaver = await server.Joins(queue, leaver);
        await Sees(leaver, "WAITING", 2, "FULL");
        var hold = (await server.Hold(sale, buyer, "A-1-1")).Is(HttpStatusCode.Created);
        (await server.Pay(buyer, hold.Text("reservationId"))).Is(HttpStatusCode.Created);
        await IsOver(buyer, "DONE", "PAID");
        await Sees(last, "ACTIVE", 0, "FULL");
        await Sees(leaver, "WAITING", 1, "FULL");

        async Task Sees(Visitor visitor, string status, long position, string state)
        {
            var got = (await server.Get(Me, visitor.OnlyToken)).Is(HttpStatusCode.OK);
            Assert.Equal((status, position, state), (got.Text("status"), got["position"].GetInt64(), got.Text("queueState")));
        }

        async Task IsOver(Visitor visitor, string status, string reason)
        {
            var got = (await server.Get(Me, visitor.OnlyToken)).Is(ProblemCode.TokenEnded);
            Assert.Equal((status, reason), (got.Text("tokenStatus"), got.Text("reason")));
        }
    }

    [Fact]
    public async Task A_poll_and_a_stream_of_one_host_never_contradict_each_other()
    {
        await using var own = new Disposing(await Server.Start());
        var server = own.Server;
        var queue = await server.Queue(OneAtATime);
        await server.Joins(queue);
        var ahead = new List<Visitor>();
        for (var number = 0; number < 12; number++)
        {
            ahead.Add(await server.Joins(queue));
        }

        var last = await server.Joins(queue);
        using var stream = await server.FollowToken(last);
        Assert.Equal(13, (await stream.Next()).Json.GetProperty("position").GetInt64());
        var random = new Random(1);
        while (ahead.Count > 0)
        {
            for (var leave = random.Next(1, 3); leave > 0 && ahead.Count > 0; leave--)
            {
                var leaver = ahead[random.Next(ahead.Count)];
                ahead.Remove(leaver);
                (await server.Send("DELETE", Me, leaver)).Is(HttpStatusCode.NoContent);
            }

            Assert.Equal(1 + ahead.Count, (await server.Get(Me, last.OnlyToken))["position"].GetInt64());

            // A look more than the second between two events takes: one may come while the last event is still being sent.
            await server.Pass(TimeSpan.FromSeconds(1.25));
            Assert.Equal(1 + ahead.Count, (await stream.Next()).Json.GetProperty("position").GetInt64());
            Assert.Equal(1 + ahead.Count, (await server.Get(Me, last.OnlyToken))["position"].GetInt64());
        }
    }

    [Fact]
    public async Task Who_polls_now_and_then_stays_and_who_does_not_idles_in_time()
    {
        await using var own = new Disposing(await Server.Start());
        var server = own.Server;
        var queue = await server.Queue("""{"admitCount":null,"maxActive":1,"waitingIdleTimeout":"PT10S","activeIdleTimeout":null}""");
        await server.Joins(queue);
        var started = server.Now;
        var (always, sometimes, once, never) =
            (await server.Joins(queue), await server.Joins(queue), await server.Joins(queue), await server.Joins(queue));
        for (var step = 1; step <= 250; step++)
        {
            server.Time.Advance(Step);
            (await server.Get(Me, always.OnlyToken)).Is(HttpStatusCode.OK);
            if (step % 95 == 0)
            {
                (await server.Get(Me, sometimes.OnlyToken)).Is(HttpStatusCode.OK);
            }

            if (step == 50)
            {
                (await server.Get(Me, once.OnlyToken)).Is(HttpStatusCode.OK);
            }
        }

        Assert.Equal(2, (await server.Get(Me, sometimes.OnlyToken)).Is(HttpStatusCode.OK)["position"].GetInt64());
        await HasIdledFrom(never, TimeSpan.Zero);
        await HasIdledFrom(once, TimeSpan.FromSeconds(5));

        async Task HasIdledFrom(Visitor visitor, TimeSpan heardOf)
        {
            var got = (await server.Get(Me, visitor.OnlyToken)).Is(ProblemCode.TokenEnded);
            Assert.Equal("IDLE", got.Text("reason"));
            var late = got["endedAt"].GetDateTimeOffset() - started - heardOf - TimeSpan.FromSeconds(10);
            Assert.InRange(late, TimeSpan.Zero, TimeSpan.FromMilliseconds(600));
        }
    }
}

/// <summary>Takes the place of the edge's own way to its grains, and notes what queues are asked.</summary>
public class AskedQueues : DispatchProxy
{
    private readonly List<string> _calls = [];
    private object _own = null!;
    private AskedQueues? _notes;

    public string[] Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public void Clear()
    {
        lock (_calls)
        {
            _calls.Clear();
        }
    }

    public void Instead(IServiceCollection services)
    {
        var own = services.Last(service => service.ServiceType == typeof(IGrainFactory));
        services.Replace(ServiceDescriptor.Singleton(provider => Over((IGrainFactory)own.ImplementationFactory!(provider))));
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (_own is IWaitingQueueGrain)
        {
            _notes!.Note(targetMethod!.Name);
        }

        var answer = targetMethod!.Invoke(_own, args);
        return answer is IWaitingQueueGrain queue ? _notes!.Over(queue) : answer;
    }

    private T Over<T>(T own)
        where T : class
    {
        var proxy = Create<T, AskedQueues>();
        (((AskedQueues)(object)proxy)._own, ((AskedQueues)(object)proxy)._notes) = (own, this);
        return proxy;
    }

    private void Note(string call)
    {
        lock (_calls)
        {
            _calls.Add(call);
        }
    }
}
