namespace OrleansConcert.Api.Streams;

/// <summary>
/// One open stream of events. It has no timer and no loop of its own: its feed looks after it. At most one write is under way; who comes
/// meanwhile comes again later, with what is newest then.
/// </summary>
internal abstract class EventStream(string userId)
{
    /// <summary>A client that hears nothing for so long gets a comment.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <summary>A client that takes nothing for so long is given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>So long one event may take: what is written is kept for its slowest reader.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>A large event is copied into the connection in pieces, each after the client has taken the one before.</summary>
    private const int PieceBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpContext? _http;
    private ReadOnlyMemory<byte> _lastWords;
    private Instant _wroteAt;

    /// <summary>When what is being written was first seen under way.</summary>
    private Instant? _writesSince;

    private int _visited;
    private bool _writing;
    private bool _ending;

    /// <summary>Whether the client took something of what is being written since that was last asked.</summary>
    private bool _moves;

    /// <summary>Whose stream it is.</summary>
    public string UserId { get; } = userId;

    /// <summary>What it shows.</summary>
    public abstract Feed Feed { get; }

    /// <summary>Comes when nothing is written any more.</summary>
    public Task Ended => _ended.Task;

    private bool IsEnding => Volatile.Read(ref _ending);

    /// <summary>Writes what is new, unless that is under way already or the stream is at its end.</summary>
    public async Task Visit()
    {
        if (IsEnding || Interlocked.Exchange(ref _visited, 1) == 1)
        {
            return;
        }

        try
        {
            await Tell();
        }
        finally
        {
            Volatile.Write(ref _visited, 0);
        }
    }

    /// <summary>Looks where its token stands, and writes what is new, if anything and if the client can take it.</summary>
    protected abstract Task Tell();

    /// <summary>Lends the connection to the stream, until it has ended.</summary>
    public void Open(HttpContext http, Instant now) => (_http, _wroteAt) = (http, now);

    /// <summary>Writes something, unless a write is still under way or the stream is at its end.</summary>
    /// <param name="last">Whether the stream ends with it. Then it is short: of what is long no more is sent at the end.</param>
    public bool TryWrite(ReadOnlyMemory<byte> bytes, Instant now, bool last = false)
    {
        lock (_gate)
        {
            if (_writing || _ending)
            {
                return false;
            }

            (_writing, _writesSince, _moves, _ending, _wroteAt) = (true, null, false, last, now);
        }

        _ = Write(bytes);
        return true;
    }

    /// <summary>
    /// Ends the stream, after its last words if the client can take them. An event that is being written is broken off, which clients
    /// then pass over, and nothing is said after it.
    /// </summary>
    public void End(ReadOnlyMemory<byte> lastWords)
    {
        lock (_gate)
        {
            if (_ending)
            {
                return;
            }

            (_ending, _lastWords) = (true, lastWords);
            if (_writing)
            {
                return;
            }

            (_writing, _writesSince, _moves) = (true, null, false);
        }

        _ = Write(default);
    }

    /// <summary>Breaks a silence, and gives up a client that takes nothing, or too little.</summary>
    public void Keep(Instant now)
    {
        lock (_gate)
        {
            _writesSince ??= _writing ? now : null;
            var isLong = now - _wroteAt >= Patience;
            if (_writing && ((isLong && !_moves) || now - _writesSince >= Longest))
            {
                _http!.Abort();
            }

            if (_writing && isLong)
            {
                (_wroteAt, _moves) = (now, false);
            }
        }

        if (now - _wroteAt >= Silence)
        {
            TryWrite(ServerEvents.Comment, now);
        }
    }

    /// <summary>Closes the connection where the last words are still not written.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            if (_writing)
            {
                _http!.Abort();
            }
        }
    }

    private async Task Write(ReadOnlyMemory<byte> bytes)
    {
        var (goesOn, hasEnded) = (true, false);
        while (goesOn)
        {
            var taken = await Send(bytes);
            lock (_gate)
            {
                _ending |= !taken;
                (bytes, _lastWords) = (_lastWords, default);
                _writing = goesOn = taken && !bytes.IsEmpty;
                hasEnded = _ending && !goesOn;
            }
        }

        if (hasEnded)
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>Whether the client is still there and has got all of it.</summary>
    private async ValueTask<bool> Send(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                var piece = bytes[..Math.Min(bytes.Length, PieceBytes)];
                var flushed = await _http!.Response.BodyWriter.WriteAsync(piece);
                (bytes, _moves) = (bytes[piece.Length..], true);
                if (flushed.IsCompleted || flushed.IsCanceled || (IsEnding && !bytes.IsEmpty))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            return false;
        }
    }
}
