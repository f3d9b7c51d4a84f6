using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansConcert.Grains;

namespace OrleansConcert.Silo;

/// <summary>Says loudly, at the start, that somebody set the wall clock back behind the journal.</summary>
internal sealed partial class ClockReport(Clock clock, ILogger<ClockReport> logger) : IHostedService
{
    /// <summary>What a clock that is kept right by the network may lose against one that only counts.</summary>
    private static readonly TimeSpan Drift = TimeSpan.FromSeconds(1);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (clock.BehindBy > Drift)
        {
            LogBehind(logger, clock.BehindBy);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Error, Message =
        "THE CLOCK OF THIS MACHINE IS {Behind} BEHIND THE JOURNAL: it was set back. Time goes on from the journal's last instant, so that "
        + "none comes twice; until the clock is right again, so does each start")]
    private static partial void LogBehind(ILogger logger, TimeSpan behind);
}
