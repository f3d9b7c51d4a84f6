using OrleansConcert.Api.Access;
using OrleansConcert.Domain.Access;
using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Api.Streams;

/// <summary>The tokens of one queue as their places change. Being looked at here counts as their activity.</summary>
internal sealed class TokenFeed(Boards boards, TimeProvider time, ILogger<Feed> log, Action<Feed> rests)
    : Feed(boards, time, log, rests)
{
    /// <summary>A stream for the bearer of that token.</summary>
    public EventStream Of(QueueToken token, string text) => new TokenStream(this, token, text);

    protected override Task Refresh() => Task.CompletedTask;

    private sealed class TokenStream(TokenFeed feed, QueueToken token, string text) : EventStream(token.UserId)
    {
        /// <summary>No client is told more often.</summary>
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

        private (TokenStatus Status, long Position)? _told;
        private Instant _tellAt = Instant.Epoch;

        public override Feed Feed => feed;

        protected override async Task Tell()
        {
            if (await feed.Look(token) is not { } sight)
            {
                End(default);
                return;
            }

            var (seen, now) = (sight.Token, feed.Now);
            if (_told != (seen.Status, seen.Position) && _tellAt <= now
                && TryWrite(Event(seen), now, seen.Status is not (TokenStatus.Waiting or TokenStatus.Active)))
            {
                (_told, _tellAt) = ((seen.Status, seen.Position), now + Pause);
            }
        }

        private ReadOnlyMemory<byte> Event(TokenView seen) =>
            ServerEvents.Write("token", AnswerJson.Write(seen with { Token = text }));
    }
}
