namespace OrleansConcert.Storage;

/// <summary>How a <see cref="FileJournal"/> uses its disk, and what it refuses rather than keep.</summary>
public sealed record FileJournalOptions : JournalOptions
{
    /// <summary>The size at which a segment ends and the next begins. Default: 256 MiB. From 4 KiB to 1 GiB.</summary>
    /// <remarks>An append larger than this has a segment of its own.</remarks>
    public int SegmentBytes { get; init; } = 256 << 20;

    /// <summary>How far a segment is filled with zeros ahead of its end, at most. Default: 4 MiB. From 4 KiB to 64 MiB.</summary>
    /// <remarks>Flushing into a filled area is cheaper than growing the file. A young segment fills in smaller steps.</remarks>
    public int FillBytes { get; init; } = 4 << 20;

    /// <summary>Where the writer runs. Default: none, which gives it a thread of its own.</summary>
    /// <remarks>A simulation gives its own scheduler; the writer never leaves it.</remarks>
    public TaskScheduler? WriterScheduler { get; init; }

    internal override void Validate()
    {
        base.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, 4 << 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SegmentBytes, 1 << 30);
        ArgumentOutOfRangeException.ThrowIfLessThan(FillBytes, 4 << 10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FillBytes, 64 << 20);
    }
}
