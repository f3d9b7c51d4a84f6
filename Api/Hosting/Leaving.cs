namespace OrleansConcert.Api.Hosting;

/// <summary>
/// How the server goes: first it says that it is not ready, and goes on serving, so that whoever sends it calls can turn to another;
/// then it takes no new calls, answers those it has, and closes its store.
/// </summary>
internal static class Leaving
{
    /// <summary>Probes once a second are the quickest that orchestrators send.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(1);

    /// <summary>Waits until the process is asked to stop (SIGTERM, Ctrl+C), and stops it in order.</summary>
    public static async Task WhenAsked(WebApplication app)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = app.Lifetime.ApplicationStopping.Register(() => asked.TrySetResult());
        await asked.Task;
        await Task.Delay(Notice);
        await app.StopAsync();
    }

    /// <summary>
    /// From the notice on each answer is the last of its connection: none is left for a client to write into when it closes.
    /// </summary>
    public static Task TurnAway(HttpContext http, RequestDelegate next, CancellationToken stopping)
    {
        if (stopping.IsCancellationRequested)
        {
            http.Response.Headers.Connection = "close";
        }

        return next(http);
    }
}
