using System.Runtime.InteropServices;
using OrleansConcert.Api.Hosting;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Streams;

/// <summary>The streams that are open here: no more than are allowed, and none for longer than the server serves.</summary>
internal sealed class OpenStreams
{
    /// <summary>How long a client whose stream was refused is asked to wait: streams last, so places are seldom free at once.</summary>
    private const int RetryAfterSeconds = 5;

    /// <summary>How long the last words may take at a stop.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly HashSet<EventStream> _open = [];
    private readonly Dictionary<string, int> _ofUser = new(StringComparer.Ordinal);
    private readonly Settings _settings;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private int _spread;

    public OpenStreams(Settings settings, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        (_settings, _time, _stopping) = (settings, time, lifetime.ApplicationStopping);
        _stopping.Register(EndAll);
    }

    /// <summary>How many are open now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Gives the stream its place, or says why there is none.</summary>
    public Reply? Refuse(EventStream stream, HttpContext http)
    {
        lock (_gate)
        {
            var ofUser = _ofUser.GetValueOrDefault(stream.UserId);
            if (ofUser >= _settings.StreamsPerUser || _open.Count >= _settings.Streams)
            {
                return TooMany(ofUser >= _settings.StreamsPerUser
                    ? $"A user may have {_settings.StreamsPerUser} streams open at once."
                    : $"The server has {_settings.Streams} streams open, and takes no more at once.");
            }

            _ofUser[stream.UserId] = ofUser + 1;
            stream.Open(http, Instant.From(_time.GetUtcNow()));
            _open.Add(stream);
            return null;
        }
    }

    /// <summary>Carries an opened stream to its end.</summary>
    public async Task Carry(EventStream stream, HttpContext http)
    {
        try
        {
            await using var gone = http.RequestAborted.UnsafeRegister(open => ((EventStream)open!).End(default), stream);
            stream.TryWrite(ComeBack(), Instant.From(_time.GetUtcNow()));
            await stream.Feed.Join(stream);
            if (_stopping.IsCancellationRequested)
            {
                stream.End(ComeBack());
            }

            await stream.Ended;
        }
        finally
        {
            stream.Feed.Leave(stream);
            Close(stream);
        }
    }

    private void Close(EventStream stream)
    {
        lock (_gate)
        {
            _open.Remove(stream);
            if (--CollectionsMarshal.GetValueRefOrNullRef(_ofUser, stream.UserId) == 0)
            {
                _ofUser.Remove(stream.UserId);
            }
        }
    }

    private void EndAll()
    {
        foreach (var stream in Open())
        {
            stream.End(ComeBack());
        }

        // It is not disposed: the process ends soon.
        _time.CreateTimer(_ => Open().ForEach(stream => stream.Abandon()), null, StopPatience, Timeout.InfiniteTimeSpan);
    }

    private List<EventStream> Open()
    {
        lock (_gate)
        {
            return [.. _open];
        }
    }

    /// <summary>Those who lose their streams together do not come back together: multiples of the golden ratio spread evenly.</summary>
    private ReadOnlyMemory<byte> ComeBack() =>
        ServerEvents.Retry(Soonest + ((Latest - Soonest) * (Interlocked.Increment(ref _spread) * 0.618_033_988_75 % 1)));

    private static Reply TooMany(string detail) =>
        ((Reply)new Problem(ProblemCode.RateLimited, detail)) with { RetryAfter = RetryAfterSeconds };
}
