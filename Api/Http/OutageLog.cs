namespace OrleansConcert.Api.Http;

/// <summary>Tells the log of calls that the store or the engine could not answer: a line a second, however many they are.</summary>
internal sealed partial class OutageLog(TimeProvider time, ILogger<OutageLog> log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private long? _toldAt;
    private int _untold;

    /// <summary>Notes one call, and why it was not answered.</summary>
    public void Add(Exception why)
    {
        int calls;
        lock (_gate)
        {
            _untold++;
            if (_toldAt is { } at && time.GetElapsedTime(at) < Pause)
            {
                return;
            }

            (calls, _untold, _toldAt) = (_untold, 0, time.GetTimestamp());
        }

        LogOutage(calls, why.GetType().Name, why.Message);
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "The store or the engine could not answer; calls told so since this was last said: {Calls}; the last: {Kind}: {Message}")]
    private partial void LogOutage(int calls, string kind, string message);
}
