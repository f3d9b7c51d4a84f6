using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace OrleansConcert.Silo;

/// <summary>What servers and silos say on the console: a line each; of the platform, warnings.</summary>
public static class ConsoleLog
{
    public static ILoggingBuilder UseConsoleLog(this ILoggingBuilder logging)
    {
        logging.ClearProviders().AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.AddFilter("Microsoft", LogLevel.Warning);

        // With the dot, or it would be ours too.
        logging.AddFilter("Orleans.", LogLevel.Warning);

        // What stops a start is said once, in one line, by whoever started it.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        return logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.None);
    }
}
