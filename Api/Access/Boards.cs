using System.Collections.Concurrent;
using OrleansConcert.Domain.Access;
using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Api.Access;

/// <summary>
/// Where tokens stand, from this host's copies of the queues' boards. A copy is pulled when somebody asks and it is older than
/// <see cref="BoardCopy.FreshFor"/>, once for all who ask; so an unused queue costs nothing, and a slow one is asked once at a time.
/// </summary>
/// <param name="host">Names this host for as long as its process lasts.</param>
internal sealed class Boards(IGrainFactory grains, TimeProvider time, string host) : IDisposable
{
    /// <summary>So often one reader waits for a pull.</summary>
    private const int MostPulls = 2;

    /// <summary>They stay, as they were last pulled: only a genuine token names a queue, so there are no more than queues.</summary>
    private readonly ConcurrentDictionary<string, Board> _boards = new(StringComparer.Ordinal);

    /// <summary>
    /// What the queue says of the token, or null where it does not know it: at most a second old, and never behind what this host has
    /// shown before. Counts as activity.
    /// </summary>
    /// <exception cref="UnavailableException">The queue can't answer now.</exception>
    public ValueTask<TokenSight?> Sight(QueueToken token)
    {
        var board = Of(token.QueueId);
        return board.Copy.Read(token.Ticket, token.Nonce, token.UserId, Now, isPulled: false, out var standing) switch
        {
            BoardRead.Shown => new(Shown(token, standing)),
            BoardRead.AskQueue => new(Exact(token, board)),
            BoardRead.Pull => new(Pulled(token, board)),
        };
    }

    /// <summary>What the queue itself says of the token, as it is at this instant. Counts as activity.</summary>
    public Task<TokenSight?> Exact(QueueToken token) => Exact(token, Of(token.QueueId));

    /// <summary>The queue itself has told that user something through this host: nothing older is shown to them from now on.</summary>
    public void Told(string queueId, string userId)
    {
        if (_boards.TryGetValue(queueId, out var board))
        {
            board.Copy.Told(userId, Now);
        }
    }

    /// <summary>What others see of the queue has changed through this host: who asks it from now on sees that.</summary>
    public void Changed(string queueId)
    {
        if (_boards.TryGetValue(queueId, out var board))
        {
            board.Copy.Changed();
        }
    }

    /// <summary>
    /// Tells each queue the last of whom this host has answered: it need not wait for it any more. A queue that does not answer is left to
    /// find out.
    /// </summary>
    public Task Leave() => Task.WhenAll(_boards.Values.Select(board => board.Leave()));

    public void Dispose()
    {
        foreach (var board in _boards.Values)
        {
            board.Dispose();
        }
    }

    private Instant Now => Instant.From(time.GetUtcNow());

    private static TokenSight Shown(QueueToken token, in Standing standing) => new(
        TokenView.Of("", token.QueueId, token.UserId, standing.Openness, standing.Place), null, standing.WalletGate, standing.BrowseGate);

    private Board Of(string queueId) => _boards.TryGetValue(queueId, out var board)
        ? board
        : _boards.GetOrAdd(queueId, id => new Board(new BoardCopy(host), grains.GetGrain<IWaitingQueueGrain>(id), time));

    private async Task<TokenSight?> Exact(QueueToken token, Board board)
    {
        var sight = await board.Queue.Look(token.Ticket, token.Nonce);
        board.Copy.Told(token.UserId, Now);
        return sight;
    }

    private async Task<TokenSight?> Pulled(QueueToken token, Board board)
    {
        // Who was slow to take what a pull brought finds it handed over already, and asks once more.
        for (var pulls = 0; pulls < MostPulls; pulls++)
        {
            await board.Pull(Now);
            switch (board.Copy.Read(token.Ticket, token.Nonce, token.UserId, Now, isPulled: true, out var standing))
            {
                case BoardRead.Shown:
                    return Shown(token, standing);
                case BoardRead.AskQueue:
                    return await Exact(token, board);
                case BoardRead.Pull:
                    break;
            }
        }

        throw new UnavailableException($"The board of {token.QueueId} came too late.");
    }

    /// <summary>The copy of one queue's board, and its pulls.</summary>
    private sealed class Board : IDisposable
    {
        private static readonly TimeSpan AMoment = TimeSpan.FromMilliseconds(1);

        private readonly Lock _lock = new();
        private readonly TimeProvider _time;
        private readonly ITimer _handOver;
        private Task _pulling = Task.CompletedTask;
        private Task? _next;

        public Board(BoardCopy copy, IWaitingQueueGrain queue, TimeProvider time)
        {
            (Copy, Queue, _time) = (copy, queue, time);
            _handOver = time.CreateTimer(_ => HandOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public BoardCopy Copy { get; }

        public IWaitingQueueGrain Queue { get; }

        private Instant Now => Instant.From(_time.GetUtcNow());

        /// <summary>Comes with a pull that is new enough for who asks now.</summary>
        public Task Pull(Instant now)
        {
            lock (_lock)
            {
                return _pulling.IsCompleted ? _pulling = Run(isLast: false)
                    : Copy.IsPullingFor(now) ? _pulling
                    : _next ??= After(_pulling);
            }
        }

        /// <summary>Hands over, after whatever is on its way, and answers nobody any more.</summary>
        public async Task Leave()
        {
            Task leaving;
            lock (_lock)
            {
                leaving = Copy.HandsOverAt is null ? Task.CompletedTask : _pulling = Last(_pulling);
            }

            await leaving.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        }

        public void Dispose() => _handOver.Dispose();

        private async Task Last(Task pulling)
        {
            await pulling.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            await Run(isLast: true);
        }

        private async Task After(Task pulling)
        {
            try
            {
                await pulling;
            }
            catch (Exception)
            {
                // Whoever waited for that one was told.
            }

            Task next;
            lock (_lock)
            {
                (_next, next) = (null, _pulling.IsCompleted ? _pulling = Run(isLast: false) : _pulling);
            }

            await next;
        }

        private async Task Run(bool isLast)
        {
            var ask = Copy.Begin(Now, isLast);
            try
            {
                for (var next = ask; next is not null;)
                {
                    next = Copy.Fold(next, await Queue.Board(next).WaitAsync(BoardCopy.MaxAge, _time));
                }

                Copy.Complete();
                ArmHandOver(Copy.HandsOverAt - Now);
            }
            catch
            {
                Copy.Fail();
                ArmHandOver(BoardCopy.MaxAge);
                throw;
            }
        }

        private void ArmHandOver(TimeSpan? left)
        {
            if (left is { } span)
            {
                _handOver.Change(span > AMoment ? span : AMoment, Timeout.InfiniteTimeSpan);
            }
        }

        /// <summary>Nobody has asked for a while: tells the queue so, which then need not wait for this host.</summary>
        private void HandOver()
        {
            lock (_lock)
            {
                if (_pulling.IsCompleted && Copy.HandsOverAt <= Now)
                {
                    _pulling = Run(isLast: true);
                }
            }
        }
    }
}
