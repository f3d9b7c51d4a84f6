using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansConcert.Grains.Tests;

internal sealed record Line(LogLevel Level, string Text);

/// <summary>What the grains log.</summary>
internal sealed class Lines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<Line> _lines = new();

    public IEnumerable<Line> With(string text) => _lines.Where(line => line.Text.Contains(text, StringComparison.Ordinal));

    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("OrleansConcert", StringComparison.Ordinal)
            ? this
            : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(new(logLevel, formatter(state, exception)));

    public void Dispose()
    {
        // The lines outlive the host.
    }
}
