using Microsoft.Extensions.Logging;

namespace OrleansConcert.Storage;

/// <summary>Everything the store says.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(1, LogLevel.Warning, "{File}: a torn last write was cut off at offset {Offset}; nobody was told it was durable")]
    public static partial void TailCut(this ILogger logger, string file, long offset);

    [LoggerMessage(2, LogLevel.Warning, "The snapshot {File} is ignored: {Why}. The journal has everything")]
    public static partial void SnapshotIgnored(this ILogger logger, string file, string why);

    [LoggerMessage(3, LogLevel.Error, "The journal could not be written; its segment is not trusted any more")]
    public static partial void WriteFailed(this ILogger logger, Exception why);

    [LoggerMessage(4, LogLevel.Error, "The journal could not be recovered yet; appends fail at once meanwhile")]
    public static partial void RecoveryFailed(this ILogger logger, Exception why);

    [LoggerMessage(5, LogLevel.Information, "The journal goes on in segment {Segment}")]
    public static partial void Recovered(this ILogger logger, long segment);

    [LoggerMessage(6, LogLevel.Warning, "The journal was not closed in order; its last write is examined at the next start")]
    public static partial void NotClosed(this ILogger logger, Exception why);

    [LoggerMessage(7, LogLevel.Error, "A batch could not be written to the database")]
    public static partial void BatchFailed(this ILogger logger, Exception why);

    [LoggerMessage(8, LogLevel.Information, "The database takes writes again")]
    public static partial void Reconnected(this ILogger logger);

    [LoggerMessage(9, LogLevel.Error, "The database takes no writes: {Why}; they are refused at once meanwhile")]
    public static partial void NotReconnected(this ILogger logger, string why);

    [LoggerMessage(11, LogLevel.Warning, "Old answers were not deleted: {Why}; it is tried again")]
    public static partial void NotForgotten(this ILogger logger, string why);

    [LoggerMessage(12, LogLevel.Warning, "Two servers' batches were in each other's way; ours is written again: {Why}")]
    public static partial void BatchRepeated(this ILogger logger, string why);

    [LoggerMessage(10, LogLevel.Critical, "ANOTHER SERVER HAS TAKEN THE DATABASE OVER: this one writes nothing any more")]
    public static partial void LeaseLost(this ILogger logger);
}
