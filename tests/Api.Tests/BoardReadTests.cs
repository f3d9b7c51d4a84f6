using System.Collections.Immutable;
using System.Reflection;
using OrleansConcert.Domain;
using OrleansConcert.Domain.Access;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Api.Tests;

/// <summary>A host's copies of boards, read by many threads at once.</summary>
public sealed class BoardReadTests
{
    private const int Users = 64;

    [Fact]
    public async Task All_who_ask_a_slow_queue_wait_for_one_pull()
    {
        var (time, queue) = (new FakeTime(), new SlowQueue());
        using var boards = queue.Boards(time);
        var held = queue.Hold();
        var sights = Ask(boards);
        Assert.Equal(1, queue.Pulls);
        held.SetResult();
        await AreAt(sights, ahead: 0);
        await AreAt(Ask(boards), ahead: 0);
        Assert.Equal((1, 0), (queue.Pulls, queue.Looks));
    }

    [Fact]
    public async Task Who_asks_after_a_change_waits_for_one_pull_begun_after_it()
    {
        var (time, queue) = (new FakeTime(), new SlowQueue());
        using var boards = queue.Boards(time);
        var opening = queue.Hold();
        var early = Ask(boards);
        opening.SetResult();
        await AreAt(early, ahead: 0);
        time.Advance(BoardCopy.FreshFor + TimeSpan.FromMilliseconds(1));
        var first = queue.Hold();
        var before = Ask(boards);
        queue.Leave(1);
        boards.Changed(SlowQueue.Id);
        var second = queue.Hold();
        var after = Ask(boards);
        Assert.Equal(2, queue.Pulls);
        first.SetResult();
        await AreAt(before, ahead: 0);
        second.SetResult();
        Assert.Null(await after[0]);
        await AreAt(after[1..], ahead: 1);
        Assert.Equal(3, queue.Pulls);
    }

    [Fact]
    public async Task Who_was_slow_to_take_a_pull_is_answered_from_the_next()
    {
        // Without a context of its own what waits goes on at once, one after another: the second reads after the last hand-over.
        await Task.Run(async () =>
        {
            var (time, queue) = (new FakeTime(), new SlowQueue());
            using var boards = queue.Boards(time);
            var held = queue.Hold();
            var quick = boards.Sight(SlowQueue.Token(1)).AsTask();
            var passes = quick.ContinueWith(
                _ => time.Advance(BoardCopy.HandOverAfter),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            var slow = boards.Sight(SlowQueue.Token(2));
            held.SetResult();
            await passes;
            Assert.Equal((1, 2), ((await quick)!.Token.Position, (await slow)!.Token.Position));
        });
    }

    [Fact]
    public async Task A_host_that_leaves_hands_over_whom_it_answered_and_once()
    {
        var (time, queue) = (new FakeTime(), new SlowQueue());
        using var boards = queue.Boards(time);
        await boards.Sight(SlowQueue.Token(3));
        time.Advance(BoardCopy.FreshFor + TimeSpan.FromMilliseconds(1));
        await boards.Sight(SlowQueue.Token(5));
        await boards.Leave();
        await boards.Leave();
        Assert.Equal(3, queue.Pulls);
        Assert.True(queue.LastHandOver!.IsLast);
        Assert.Contains(5, queue.LastHandOver.Seen.SelectMany(block => block.Tickets()));
    }

    [Fact]
    public async Task One_pull_is_under_way_at_a_time_and_nobodys_position_rises()
    {
        var (time, queue) = (new FakeTime(), new SlowQueue());
        using var boards = queue.Boards(time);
        queue.AnswersLater = true;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(async () =>
        {
            var random = new Random(thread);
            var shown = Enumerable.Repeat(long.MaxValue, Users + 1).ToArray();
            for (var read = 0; read < 2_000; read++)
            {
                var ticket = (Users / 2) + 1 + random.Next(Users / 2);
                var sight = random.Next(20) == 0
                    ? await boards.Exact(SlowQueue.Token(ticket))
                    : await boards.Sight(SlowQueue.Token(ticket));
                Assert.InRange(sight!.Token.Position, 1, shown[ticket]);
                shown[ticket] = sight.Token.Position;
                switch (random.Next(100))
                {
                    case 0:
                        queue.Leave(1 + random.Next(Users / 2));
                        break;
                    case 1:
                        boards.Changed(SlowQueue.Id);
                        break;
                    case < 30:
                        time.Advance(TimeSpan.FromMilliseconds(1));
                        break;
                    default:
                        break;
                }
            }
        })));
        Assert.Equal(1, queue.MostPullsAtOnce);
        Assert.True(queue.Pulls < 4_000, $"{queue.Pulls} pulls of 8,000 reads");
    }

    /// <summary>Everybody asks, from many threads, and has asked when this returns.</summary>
    private static Task<TokenSight?>[] Ask(Boards boards)
    {
        var sights = new Task<TokenSight?>[Users];
        Parallel.For(0, Users, index => sights[index] = boards.Sight(SlowQueue.Token(index + 1)).AsTask());
        return sights;
    }

    /// <param name="ahead">How many have left from before the first of them.</param>
    private static async Task AreAt(Task<TokenSight?>[] sights, int ahead)
    {
        var first = Users - sights.Length + 1;
        Assert.Equal(
            Enumerable.Range(first - ahead, sights.Length).Select(position => (long)position),
            (await Task.WhenAll(sights)).Select(sight => sight!.Token.Position));
    }
}

/// <summary>A queue in which everybody waits, that answers when it is told to.</summary>
public class SlowQueue : DispatchProxy
{
    public const string Id = "slow";

    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _held = new();
    private readonly QueueBoard _board = new();
    private readonly List<QueueEvent> _events = [];
    private FakeTime _time = null!;
    private SlowQueue _queue = null!;
    private ImmutableArray<TicketBlock> _doubtful = [];
    private TaskCompletionSource? _lookHeld;
    private int _pullsAtOnce;

    public int Pulls { get; private set; }

    public int MostPullsAtOnce { get; private set; }

    public HandOver? LastHandOver { get; private set; }

    public int Looks { get; private set; }

    public bool AnswersLater { get; set; }

    private Instant Now => Instant.From(_time.GetUtcNow());

    internal static QueueToken Token(int ticket) => new(Id, ticket, $"user-{ticket}", 7);

    internal Boards Boards(FakeTime time)
    {
        _time = time;
        Happen(new QueueOpened(Now, "any", BoardPolicy));
        for (var ticket = 1; ticket <= 64; ticket++)
        {
            Happen(new Joined(Now, ticket, $"user-{ticket}", 7));
        }

        return new(Create<IGrainFactory, SlowQueue>(this), time, "host");
    }

    /// <summary>The pull after those that are held already waits for this.</summary>
    public TaskCompletionSource Hold()
    {
        var held = new TaskCompletionSource();
        _held.Enqueue(held);
        return held;
    }

    /// <summary>From now on only the queue itself tells of that ticket, and who asks it waits for this.</summary>
    public TaskCompletionSource HoldLooks(int ticket)
    {
        lock (_lock)
        {
            _doubtful = TicketSet.Of([ticket]).Take();
            return _lookHeld = new();
        }
    }

    public void Leave(int ticket)
    {
        lock (_lock)
        {
            if (_board.Line.Contains(ticket))
            {
                Happen(new Ended(Now, ticket, $"user-{ticket}", TokenStatus.Cancelled, EndReason.Left));
            }
        }
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        "GetGrain" => Create<IWaitingQueueGrain, SlowQueue>(_queue),
        "Board" => _queue.Board((BoardAsk)args![0]!),
        "Look" => _queue.HeldLook((long)args![0]!),
        var other => throw new NotSupportedException(other),
    };

    private static QueuePolicy BoardPolicy => Preset.Standard.Queue;

    private static T Create<T, TProxy>(SlowQueue queue)
        where TProxy : SlowQueue
    {
        var proxy = Create<T, TProxy>();
        ((TProxy)(object)proxy!)._queue = queue;
        return proxy;
    }

    private async Task<BoardNews> Board(BoardAsk ask)
    {
        Task? held;
        BoardNews news;
        lock (_lock)
        {
            Pulls += ask.HandOver is null ? 0 : 1;
            LastHandOver = ask.HandOver ?? LastHandOver;
            MostPullsAtOnce = Math.Max(MostPullsAtOnce, ++_pullsAtOnce);
            held = ask.HandOver is not null && _held.TryDequeue(out var source) ? source.Task : null;
            var whole = ask.Version == 0 ? _board.ToWhole() : null;
            news = ask.PlacesFrom is { } block
                ? new(Now, [], null, _board.PlacesFrom(block, 16), _doubtful, IsMore: true)
                : new(Now, whole is null ? [.. _events.Skip((int)ask.Version)] : [], whole, [], _doubtful, IsMore: whole is not null);
            news = news.Places.IsEmpty && ask.PlacesFrom is not null
                ? news with { Events = [.. _events.Skip((int)ask.Version)], IsMore = false }
                : news;
        }

        if (held is not null)
        {
            await held;
        }
        else if (AnswersLater)
        {
            await Task.Yield();
        }

        lock (_lock)
        {
            _pullsAtOnce--;
        }

        return news;
    }

    private async Task<TokenSight?> HeldLook(long ticket)
    {
        await (_lookHeld?.Task ?? Task.CompletedTask);
        return Look(ticket);
    }

    private TokenSight? Look(long ticket)
    {
        lock (_lock)
        {
            Looks++;
            return _board.TryFind(ticket, 7, Now, out var place)
                ? new(TokenView.Of("", Id, $"user-{ticket}", _board.Openness, place), null, BoardPolicy.WalletGate, BoardPolicy.BrowseGate)
                : null;
        }
    }

    private void Happen(QueueEvent happened)
    {
        _events.Add(happened);
        _board.Apply(happened, _events.Count);
    }
}
