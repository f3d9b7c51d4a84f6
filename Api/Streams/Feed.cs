using OrleansConcert.Api.Access;
using OrleansConcert.Domain.Access;
using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Api.Streams;

/// <summary>
/// What the streams of one schedule or queue show. A few times a second it looks what is new and visits each of them; without streams
/// it rests.
/// </summary>
/// <param name="rests">Called when the last stream has left.</param>
internal abstract partial class Feed(Boards boards, TimeProvider time, ILogger<Feed> log, Action<Feed> rests)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    /// <summary>So long the others wait for the first that is not told at once: mostly for a board that then answers them all.</summary>
    private static readonly TimeSpan AMoment = BoardCopy.FreshFor / 2;

    /// <summary>A queue that takes longer to say where a token stands is asked anew.</summary>
    private static readonly TimeSpan Patience = 2 * BoardCopy.MaxAge;

    private readonly Lock _gate = new();
    private readonly HashSet<EventStream> _streams = [];
    private EventStream[] _walked = [];
    private ITimer? _timer;
    private Task? _learning;
    private int _ticks;
    private int _busy;

    /// <summary>Whether every stream has been told what is known of it.</summary>
    public bool IsQuiet => Volatile.Read(ref _ticks) == 0 && Volatile.Read(ref _busy) == 0;

    /// <summary>Whether what is shown was new a moment ago.</summary>
    protected bool IsLearnt { get; private set; }

    protected Instant Now => Instant.From(time.GetUtcNow());

    /// <summary>Tells a stream what there is, and from then on what is new.</summary>
    public async Task Join(EventStream stream)
    {
        // Not one of the streams yet: nobody tells it what is older than its opening.
        Interlocked.Increment(ref _busy);
        await Learn(Refresh());
        lock (_gate)
        {
            _streams.Add(stream);
            _walked = [];
            _timer ??= time.CreateTimer(_ => Tick(), null, Pace, Pace);
        }

        _ = Visit(stream);
        Interlocked.Decrement(ref _busy);
    }

    public void Leave(EventStream stream)
    {
        bool isLast;
        lock (_gate)
        {
            isLast = _streams.Remove(stream) && _streams.Count == 0;
            _walked = [];
            if (isLast)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }

        if (isLast)
        {
            rests(this);
        }
    }

    /// <summary>Learns what is new for all of the streams.</summary>
    protected abstract Task Refresh();

    /// <summary>What the queue says of a token, or null where it does not know it. Counts as its activity.</summary>
    protected ValueTask<TokenSight?> Look(QueueToken token)
    {
        var sight = boards.Sight(token);
        return sight.IsCompleted ? sight : new(sight.AsTask().WaitAsync(Patience, time));
    }

    private void Tick()
    {
        foreach (var stream in Walked())
        {
            stream.Keep(Now);
        }

        if (Interlocked.Increment(ref _ticks) == 1)
        {
            _ = Run();
        }
    }

    /// <summary>A tick that comes during a round is followed by one more round.</summary>
    private async Task Run()
    {
        await Task.Yield();
        int ticks;
        do
        {
            ticks = Volatile.Read(ref _ticks);
            await Learn(_learning ??= Refresh());
            _learning = _learning.IsCompleted ? null : _learning;
            await VisitAll();
        }
        while (Interlocked.CompareExchange(ref _ticks, 0, ticks) != ticks);
    }

    /// <summary>
    /// Waits for nobody but a moment: one whom the queue keeps waiting holds up no other, and all whom a slow one keeps waiting share
    /// a pull of its board.
    /// </summary>
    private async Task VisitAll()
    {
        var hasWaited = false;
        foreach (var stream in Walked())
        {
            var visit = Visit(stream);
            if (!visit.IsCompleted && !hasWaited)
            {
                hasWaited = true;
                await visit.WaitAsync(AMoment, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>What cannot be learnt soon is learnt in a later round.</summary>
    private async Task Learn(Task refresh)
    {
        try
        {
            await refresh.WaitAsync(Pace, time);
            IsLearnt = true;
        }
        catch (Exception exception)
        {
            IsLearnt = false;
            LogMissed(exception);
        }
    }

    private async Task Visit(EventStream stream)
    {
        Interlocked.Increment(ref _busy);
        try
        {
            await stream.Visit();
        }
        catch (Exception exception)
        {
            LogMissed(exception);
        }

        Interlocked.Decrement(ref _busy);
    }

    private EventStream[] Walked()
    {
        lock (_gate)
        {
            return _walked.Length == _streams.Count ? _walked : _walked = [.. _streams];
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "A feed of streams could not be looked at; it is tried again")]
    private partial void LogMissed(Exception exception);
}
