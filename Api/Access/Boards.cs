using System.Collections.Concurrent;
using System.Security.Cryptography;
using OrleansConcert.Domain.Access;
using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Api.Access;

/// <summary>
/// Where tokens stand, from this host's copies of the queues' boards. A copy is pulled when somebody asks and it is older than
/// <see cref="BoardCopy.FreshFor"/>, once for all who ask; so an unused queue costs nothing, and a slow one is asked once at a time.
/// </summary>
internal sealed class Boards(IGrainFactory grains, TimeProvider time) : IDisposable
{
    private readonly string _host = RandomNumberGenerator.GetHexString(32, lowercase: true);
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
            BoardRead.AskQueue => new(Exact(token)),
            BoardRead.Pull => new(Pulled(token, board)),
        };
    }

    /// <summary>What the queue itself says of the token, as it is at this instant. Counts as activity.</summary>
    public async Task<TokenSight?> Exact(QueueToken token)
    {
        var sight = await grains.Queue(token.QueueId).Look(token.Ticket, token.Nonce);
        Told(token.QueueId, token.UserId);
        return sight;
    }

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
        : _boards.GetOrAdd(queueId, id => new Board(new BoardCopy(_host), grains.Queue(id), time));

    private async Task<TokenSight?> Pulled(QueueToken token, Board board)
    {
        await board.Pull(Now);
        return board.Copy.Read(token.Ticket, token.Nonce, token.UserId, Now, isPulled: true, out var standing) switch
        {
            BoardRead.Shown => Shown(token, standing),
            BoardRead.AskQueue => await Exact(token),
            BoardRead.Pull => throw new UnavailableException($"The board of {token.QueueId} came too late."),
        };
    }

    /// <summary>The copy of one queue's board, and its pulls.</summary>
    private sealed class Board : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly IWaitingQueueGrain _queue;
        private readonly TimeProvider _time;
        private readonly ITimer _handOver;
        private Task _pulling = Task.CompletedTask;
        private Task? _next;

        public Board(BoardCopy copy, IWaitingQueueGrain queue, TimeProvider time)
        {
            (Copy, _queue, _time) = (copy, queue, time);
            _handOver = time.CreateTimer(_ => HandOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public BoardCopy Copy { get; }

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

        public void Dispose() => _handOver.Dispose();

        private async Task After(Task pulling)
        {
            await pulling.ContinueWith(_ => { }, TaskScheduler.Default);
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
                    next = Copy.Fold(next, await _queue.Board(next).WaitAsync(BoardCopy.MaxAge, _time));
                }

                Copy.Complete(Now);
            }
            catch
            {
                Copy.Fail();
                throw;
            }
            finally
            {
                ArmHandOver();
            }
        }

        private void ArmHandOver()
        {
            if (Copy.HandsOverAt is { } at)
            {
                var left = at - Now;
                _handOver.Change(left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
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
