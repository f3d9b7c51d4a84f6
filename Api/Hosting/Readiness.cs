namespace OrleansConcert.Api.Hosting;

/// <summary>Whether this process can serve: it has started, does not stop, and its store answers.</summary>
internal abstract class Readiness(IHostApplicationLifetime lifetime)
{
    public bool IsReady => lifetime.ApplicationStarted.IsCancellationRequested
        && !lifetime.ApplicationStopping.IsCancellationRequested
        && StoreAnswers;

    /// <summary>Whether what this process remembers may be told: its store is its own.</summary>
    public abstract bool MayAnswer { get; }

    protected abstract bool StoreAnswers { get; }
}
