namespace OrleansConcert.Grains.Journal;

/// <summary>Brings grains back that nobody may ask for.</summary>
public interface IWakeUpCalls
{
    /// <summary>
    /// Whether grains that had unfinished work when the process started are still being woken: what they have to tell others is
    /// not all told yet.
    /// </summary>
    bool IsStarting { get; }

    /// <summary>
    /// Wakes the grain of a stream, at once where none was woken within the last half second, and again twice a second until it has
    /// come up. For one that drops its memory, and its timers with it, while it has deadlines and payments.
    /// </summary>
    void WakeSoon(string stream);
}
