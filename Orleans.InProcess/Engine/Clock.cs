namespace Orleans.InProcess;

/// <summary>A clock for limits: milliseconds from some start, never backwards.</summary>
internal sealed class Clock(TimeProvider time)
{
    // The system's tick count costs a quarter of its time stamp, and every call asks.
    private readonly bool _isSystem = time == TimeProvider.System;

    internal long Now => _isSystem ? Environment.TickCount64 : (long)time.GetElapsedTime(0, time.GetTimestamp()).TotalMilliseconds;
}
