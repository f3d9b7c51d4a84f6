using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OrleansConcert.Storage;

/// <summary>What every journal refuses rather than keep, and how long it waits.</summary>
public abstract record JournalOptions
{
    /// <summary>How many appends may wait for the store; one more fails at once. Default: 65,536. At least 1.</summary>
    public int WaitingAppendsMax { get; init; } = 65_536;

    /// <summary>How many bytes of appends may wait for the store; beyond it an append fails at once. Default: 64 MiB.</summary>
    public int WaitingBytesMax { get; init; } = 64 << 20;

    /// <summary>How long a caller waits for the store before it is told that nobody knows. Default: 2 seconds.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a failed journal waits between two attempts to heal. Default: 500 ms.</summary>
    /// <remarks>Between attempts appends fail at once, so that a full disk costs its callers no time.</remarks>
    public TimeSpan RecoveryInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What measures the two spans above. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where failures and recoveries are told, and what was cut off or ignored. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    internal virtual void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(WaitingAppendsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WaitingBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WriteTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecoveryInterval, TimeSpan.Zero);
    }
}
