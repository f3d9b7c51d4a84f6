namespace OrleansConcert.Storage.Postgres;

/// <summary>
/// How long somebody waits for the database. Npgsql has the database itself cancel what takes too long, on the thread on which its token
/// is cancelled, and waits for that: where the database hangs, so does that thread. So it is one of its own, and none of those that
/// serve everybody.
/// </summary>
internal sealed class PostgresPatience : IDisposable
{
    /// <remarks>Not disposed of: what was given up may still be using it.</remarks>
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;

    public PostgresPatience(TimeSpan span, TimeProvider time) =>
        _timer = time.CreateTimer(_ => End(), null, span, Timeout.InfiniteTimeSpan);

    /// <summary>Tells the calls to stop.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>It lasts so long from now on.</summary>
    public void CancelAfter(TimeSpan span) => _timer.Change(span, Timeout.InfiniteTimeSpan);

    /// <summary>Waits for work as long as there is patience; what is given up then goes on to its own end.</summary>
    /// <exception cref="TimeoutException">It is over.</exception>
    public async Task<T> For<T>(Task<T> work) => await Task.WhenAny(work, _over.Task) == work
        ? await work
        : throw new TimeoutException("It does not answer in time.");

    public void Dispose() => _timer.Dispose();

    private void End()
    {
        _over.TrySetResult();
        _ = Task.Factory.StartNew(_stop.Cancel, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
