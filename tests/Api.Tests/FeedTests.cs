using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansConcert.Api.Streams;
using OrleansConcert.Domain;

namespace OrleansConcert.Api.Tests;

/// <summary>Streams on a connection and a queue that take and answer when they are told to.</summary>
public sealed class FeedTests : IDisposable
{
    private const int EventBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private readonly FakeTime _time = new();
    private readonly SlowQueue _queue = new();
    private readonly Boards _boards;
    private readonly TokenFeed _feed;

    public FeedTests()
    {
        _boards = _queue.Boards(_time);
        _feed = new Feeds(null!, _boards, null!, _time, NullLogger<Feed>.Instance).Tokens(SlowQueue.Id);
    }

    private Instant Now => Instant.From(_time.GetUtcNow());

    public void Dispose() => _boards.Dispose();

    [Fact]
    public void Who_takes_one_event_bit_by_bit_is_given_up_after_a_minute()
    {
        var (stream, client) = Open(1);
        Assert.True(stream.TryWrite(new byte[EventBytes], Now));
        for (var second = 0; second < 60; second++)
        {
            stream.Keep(Now);
            Assert.False(client.IsGivenUp, $"after {second} s");
            client.Take();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        stream.Keep(Now);
        Assert.True(client.IsGivenUp);
    }

    [Fact]
    public async Task A_minute_is_for_one_event_and_the_next_has_its_own()
    {
        var (stream, client) = Open(1);
        for (var second = 0; second < 200; second++)
        {
            await Until(() => stream.TryWrite(new byte[20_000], Now), "The last event was never written.");
            stream.Keep(Now);
            client.Take();
            client.Take();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(client.IsGivenUp);
    }

    [Fact]
    public async Task A_stream_ends_within_an_event_and_says_nothing_more()
    {
        var (stream, client) = Open(1);
        Assert.True(stream.TryWrite(new byte[EventBytes], Now));
        client.Take();
        stream.End("retry: 1\n\n"u8.ToArray());
        Assert.False(stream.Ended.IsCompleted);
        client.Take();
        await stream.Ended.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain("retry", client.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_lies_between_events_however_late_the_queue_told_of_the_first()
    {
        var (stream, client) = Open(64);
        var held = _queue.Hold();
        var joining = _feed.Join(stream);
        _time.Advance(TimeSpan.FromMilliseconds(900));
        held.SetResult();
        await joining;
        await Quiet();
        Assert.Equal(1, client.Events());
        _queue.Leave(1);
        await Pass(TimeSpan.FromMilliseconds(900));
        Assert.Equal(1, client.Events());
        await Pass(TimeSpan.FromMilliseconds(600));
        Assert.Equal(2, client.Events());
        _feed.Leave(stream);
    }

    [Fact]
    public async Task Whom_the_queue_keeps_waiting_holds_up_no_other()
    {
        var opened = Enumerable.Range(33, 32).Select(Open).ToArray();
        foreach (var (stream, _) in opened)
        {
            await _feed.Join(stream);
        }

        await Pass(TimeSpan.FromSeconds(1));
        var kept = _queue.HoldLooks(33);
        _queue.Leave(1);
        await Until(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(10));
                return opened.Count(one => one.Client.Events() >= 2) == opened.Length - 1;
            },
            "Not all of the others were told.");
        Assert.Equal(1, opened[0].Client.Events());
        kept.SetResult();
    }

    [Fact]
    public async Task A_token_is_looked_at_however_long_the_seats_take()
    {
        var feed = new SlowFeed(_boards, _time);
        var stream = new Looking(feed);
        stream.Open(new DefaultHttpContext(), Now);
        var joining = feed.Join(stream);
        await Until(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(10));
                return joining.IsCompleted && stream.Looks >= 10;
            },
            "It was looked at too seldom.");
        feed.Leave(stream);
    }

    private (EventStream Stream, Client Client) Open(int ticket)
    {
        var (stream, client) = (_feed.Of(SlowQueue.Token(ticket), "text"), new Client());
        stream.Open(client.Http, Now);
        return (stream, client);
    }

    private async Task Pass(TimeSpan time)
    {
        for (var end = _time.GetUtcNow() + time; _time.GetUtcNow() < end;)
        {
            var left = end - _time.GetUtcNow();
            _time.Advance(left < Step ? left : Step);
            await Quiet();
        }
    }

    private Task Quiet() => Until(() => _feed.IsQuiet, "The feed never came to rest.");

    private static async Task Until(Func<bool> holds, string otherwise)
    {
        for (var patience = System.Diagnostics.Stopwatch.StartNew(); !holds();)
        {
            await Task.Yield();
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(10), otherwise);
        }
    }

    /// <summary>A feed that never learns what is new.</summary>
    private sealed class SlowFeed(Boards boards, TimeProvider time) : Feed(boards, time, NullLogger<Feed>.Instance, _ => { })
    {
        protected override Task Refresh() => new TaskCompletionSource().Task;
    }

    private sealed class Looking(Feed feed) : EventStream("user-1")
    {
        private int _looks;

        public int Looks => Volatile.Read(ref _looks);

        public override Feed Feed => feed;

        protected override Task Tell()
        {
            Interlocked.Increment(ref _looks);
            return Task.CompletedTask;
        }
    }

    /// <summary>The other end of a connection: a piece is written when the one before was taken.</summary>
    private sealed class Client : IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
    {
        private readonly Pipe _pipe = new(new(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
            pauseWriterThreshold: 8 * 1024, resumeWriterThreshold: 1, useSynchronizationContext: false));

        private readonly StringBuilder _text = new();

        public Client()
        {
            Http = new DefaultHttpContext();
            Http.Features.Set<IHttpResponseBodyFeature>(this);
            Http.Features.Set<IHttpRequestLifetimeFeature>(this);
        }

        public HttpContext Http { get; }

        public bool IsGivenUp { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        /// <summary>What was taken so far.</summary>
        public string Text => _text.ToString();

        public Stream Stream => Stream.Null;

        public PipeWriter Writer => _pipe.Writer;

        public void Abort() => IsGivenUp = true;

        /// <summary>Takes what there is.</summary>
        public void Take()
        {
            if (_pipe.Reader.TryRead(out var read))
            {
                _text.Append(Encoding.UTF8.GetString(read.Buffer));
                _pipe.Reader.AdvanceTo(read.Buffer.End);
            }
        }

        /// <summary>How many events have been taken.</summary>
        public int Events()
        {
            Take();
            return Text.Split("event: ").Length - 1;
        }

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;
    }
}
