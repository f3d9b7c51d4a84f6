using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A timer of one activation: it ends with it. Dispose it to end it sooner.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>
    /// Sets the next tick to <paramref name="dueTime"/> from now and later ones to <paramref name="period"/> after the end
    /// of the one before. Called within a tick it takes effect at the tick's end.
    /// </summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>How a grain timer ticks.</summary>
public readonly struct GrainTimerCreationOptions
{
    /// <summary>To be filled by an initialiser.</summary>
    public GrainTimerCreationOptions()
    {
    }

    /// <summary>A timer that does not interleave and keeps nothing alive.</summary>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Until the first tick; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for a single tick.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether ticks run amid calls. By default a tick takes its turn like a call.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as use of the activation. By default it does not.</summary>
    public bool KeepAlive { get; init; }
}
