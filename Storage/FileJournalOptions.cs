using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OrleansConcert.Storage;

/// <summary>How a <see cref="FileJournal"/> uses its disk, and what it refuses rather than keep.</summary>
public sealed record FileJournalOptions
{
    /// <summary>The size at which a segment ends and the next begins. Default: 256 MiB. From 4 KiB to 1 GiB.</summary>
    /// <remarks>An append larger than this has a segment of its own.</remarks>
    public int SegmentBytes { get; init; } = 256 << 20;

    /// <summary>How far a segment is filled with zeros ahead of its end, at most. Default: 4 MiB. From 4 KiB to 64 MiB.</summary>
    /// <remarks>Flushing into a filled area is cheaper than growing the file. A young segment fills in smaller steps.</remarks>
    public int FillBytes { get; init; } = 4 << 20;

    /// <summary>How many appends may wait for the disk; one more fails at once. Default: 65,536. At least 1.</summary>
    public int WaitingAppendsMax { get; init; } = 65_536;

    /// <summary>How many bytes of appends may wait for the disk; beyond it an append fails at once. Default: 64 MiB.</summary>
    public int WaitingBytesMax { get; init; } = 64 << 20;

    /// <summary>How long a caller waits for the disk before it is told that nobody knows. Default: 2 seconds.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a failed journal waits between two attempts to heal. Default: 500 ms.</summary>
    /// <remarks>Between attempts appends fail at once, so that a full disk costs its callers no time.</remarks>
    public TimeSpan RecoveryInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What measures the two spans above. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the writer runs. Default: none, which gives it a thread of its own.</summary>
    /// <remarks>A simulation gives its own scheduler; the writer never leaves it.</remarks>
    public TaskScheduler? WriterScheduler { get; init; }

    /// <summary>Where cut tails, ignored snapshots, failures and recoveries are told. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, 4 << 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SegmentBytes, 1 << 30);
        ArgumentOutOfRangeException.ThrowIfLessThan(FillBytes, 4 << 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FillBytes, 64 << 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(WaitingAppendsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WaitingBytesMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WriteTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecoveryInterval, TimeSpan.Zero);
    }
}
