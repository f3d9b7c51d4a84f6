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

    private (EventStream Stream, Client Client) Open(int ticket)
    {
        var (stream, client) = (_feed.Of(SlowQueue.Token(ticket), "text"), new Client());
        stream.Open(client.Http, Now);
        return (stream, client);
    }

    private static async Task Until(Func<bool> holds, string otherwise)
    {
        for (var patience = System.Diagnostics.Stopwatch.StartNew(); !holds();)
        {
            await Task.Yield();
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(10), otherwise);
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

        public void DisableBuffering()
        {
        }

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public Task CompleteAsync() => Task.CompletedTask;
    }
}
