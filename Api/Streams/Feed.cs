namespace OrleansConcert.Api.Streams;

/// <summary>
/// What the streams of one schedule or queue show. A few times a second it looks what is new and tells each of them; without streams
/// it rests.
/// </summary>
internal abstract partial class Feed(TimeProvider time, ILogger<Feed> log)
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly HashSet<EventStream> _streams = [];
    private EventStream[] _walked = [];
    private ITimer? _timer;
    private int _ticks;
    private int _joining;

    /// <summary>Whether every stream has been told what is known of it.</summary>
    public bool IsQuiet => Volatile.Read(ref _ticks) == 0 && Volatile.Read(ref _joining) == 0;

    private Instant Now => Instant.From(time.GetUtcNow());

    /// <summary>Tells a stream what there is, and from then on what is new.</summary>
    public async Task Join(EventStream stream)
    {
        // Not one of the streams yet: nobody else tells it something meanwhile.
        Interlocked.Increment(ref _joining);
        if (await Learn())
        {
            await Tell(stream, Now);
        }

        lock (_gate)
        {
            _streams.Add(stream);
            _walked = [];
            _timer ??= time.CreateTimer(_ => Tick(), null, Pace, Pace);
        }

        Interlocked.Decrement(ref _joining);
    }

    public void Leave(EventStream stream)
    {
        lock (_gate)
        {
            _streams.Remove(stream);
            _walked = [];
            if (_streams.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }

    /// <summary>Learns what is new for all of the streams.</summary>
    protected abstract Task Refresh();

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
            if (await Learn())
            {
                await TellAll(Now);
            }
        }
        while (Interlocked.CompareExchange(ref _ticks, 0, ticks) != ticks);
    }

    private async Task TellAll(Instant now)
    {
        foreach (var stream in Walked())
        {
            await Tell(stream, now);
        }
    }

    /// <summary>What cannot be learnt now is learnt in a later round.</summary>
    private async Task<bool> Learn()
    {
        try
        {
            await Refresh();
            return true;
        }
        catch (Exception exception)
        {
            LogMissed(exception);
            return false;
        }
    }

    private async ValueTask Tell(EventStream stream, Instant now)
    {
        try
        {
            await stream.Tell(now);
        }
        catch (Exception exception)
        {
            LogMissed(exception);
        }
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
