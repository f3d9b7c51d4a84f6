namespace OrleansConcert.Api.Hosting;

/// <summary>Whether this process can serve: it has started, does not stop, and its store answers.</summary>
internal abstract class Readiness(IHostApplicationLifetime lifetime)
{
    public bool IsReady => lifetime.ApplicationStarted.IsCancellationRequested
        && !lifetime.ApplicationStopping.IsCancellationRequested
        && StoreAnswers;

    protected abstract bool StoreAnswers { get; }
}
