using OrleansConcert.Storage.Disks;
using OrleansConcert.Storage.Format;

namespace OrleansConcert.Storage.Segments;

/// <summary>
/// The end of the journal: writes frames behind one another, durable when <see cref="Write"/> returns. Used by the writer alone.
/// </summary>
/// <remarks>
/// After any failure the log is not <see cref="Trusted"/>: what a file holds after a failed flush nobody knows, whatever
/// it reads back. <see cref="Recover"/> cuts that file back to its last durable frame and goes on in a new one.
/// </remarks>
internal sealed class SegmentLog(IDisk disk, SegmentFiles files, FileJournalOptions options)
{
    private const int FirstFillBytes = 64 << 10;

    /// <summary>Kept zero behind the last frame, so that an open segment never ends exactly with one.</summary>
    private const int MarginBytes = 8;

    private static readonly byte[] Zeros = new byte[1 << 20];

    private long _end;
    private long _filled;
    private long _flushes;

    /// <summary>Whether frames can be written; false from the first failure until it is recovered from.</summary>
    public bool Trusted { get; private set; } = true;

    /// <summary>Flushes of segments so far.</summary>
    public long Flushes => Volatile.Read(ref _flushes);

    /// <summary>The sequence of the next batch.</summary>
    public ulong Sequence { get; private set; } = 1;

    /// <summary>Where the next frame starts: everything before is durable.</summary>
    public long End => Position.Of(files.Count, _end);

    /// <summary>Goes on behind what the newest segment holds.</summary>
    public void Resume(long end, long filled, ulong sequence) => (_end, _filled, Sequence) = (end, filled, sequence);

    /// <summary>Makes room for a frame of at most this many bytes. Where it fails, nothing of the frame is written.</summary>
    public async ValueTask Prepare(int bytes)
    {
        Trusted = false;
        if (_end + bytes > options.SegmentBytes && _end > SegmentHeader.Bytes)
        {
            await Roll();
        }

        var needed = _end + bytes + MarginBytes;
        if (needed > _filled)
        {
            var step = Math.Clamp(_end, Math.Min(FirstFillBytes, options.FillBytes), options.FillBytes);
            _filled = await Fill(files[files.Count], _filled, Math.Max(needed, _filled + step));
            await Flush(files[files.Count]);
        }

        Trusted = true;
    }

    /// <summary>Writes one frame and flushes it. Where it fails, nobody knows what of it is on disk.</summary>
    public async ValueTask Write(ReadOnlyMemory<byte> frame)
    {
        Trusted = false;
        var file = files[files.Count];
        await file.Write(frame, _end);
        await Flush(file);
        _end += frame.Length;
        Sequence++;
        Trusted = true;
    }

    /// <summary>Begins the journal's first segment.</summary>
    public async ValueTask Begin()
    {
        await MakeNext();
        await NameNext();
    }

    /// <summary>Cuts off what is not durable and goes on in a new segment; throws where the disk does not let it.</summary>
    public async ValueTask Recover()
    {
        using (var file = await disk.Open(SegmentHeader.FileName(files.Count)))
        {
            await file.SetLength(_end);
            await Flush(file);
            await VerifyHeader(file);
        }

        await MakeNext();
        await NameNext();
        Trusted = true;
    }

    /// <summary>Marks the end of a journal that is closed in order: from then on no damage passes for a torn write.</summary>
    public ValueTask Close() => Mark(FrameKind.Closed);

    /// <remarks>
    /// The next segment is whole on disk before this one is marked full, and has its name only after: so a full segment
    /// without a next one means that somebody removed it.
    /// </remarks>
    private async ValueTask Roll()
    {
        await MakeNext();
        await Mark(FrameKind.Full);
        await NameNext();
    }

    private async ValueTask Mark(FrameKind kind)
    {
        var mark = new byte[Frame.Total(0)];
        Frame.Complete(mark, kind, Sequence, 0, _end);
        var file = files[files.Count];
        await file.Write(mark, _end);
        await Flush(file);

        // Only once the mark is durable: a file that ends exactly with a frame is never taken for a torn one.
        await file.SetLength(_end + mark.Length);
        await Flush(file);
    }

    private async ValueTask MakeNext()
    {
        var number = files.Count + 1;
        using var file = await disk.Create(SegmentHeader.FileName(number) + SegmentHeader.MakingSuffix);
        var header = new byte[SegmentHeader.Bytes];
        new SegmentHeader(number, Sequence).Write(header);
        await file.Write(header, 0);

        // Room for the first frames: whoever goes on here after a full disk finds that it is full no more.
        await Fill(file, header.Length, Math.Min(FirstFillBytes, options.FillBytes));
        await Flush(file);
        await disk.FlushNames();
    }

    /// <summary>Gives the segment that was made last its name and goes on in it.</summary>
    public async ValueTask NameNext()
    {
        var name = SegmentHeader.FileName(files.Count + 1);
        await disk.Rename(name + SegmentHeader.MakingSuffix, name);
        await disk.FlushNames();
        files.Add(await disk.Open(name));
        _end = SegmentHeader.Bytes;
        _filled = files[files.Count].Length;
    }

    /// <summary>Writes zeros up to a length, and gives the length.</summary>
    private static async ValueTask<long> Fill(IDiskFile file, long filled, long target)
    {
        while (filled < target)
        {
            var count = (int)Math.Min(target - filled, Zeros.Length);
            await file.Write(Zeros.AsMemory(0, count), filled);
            filled += count;
        }

        return filled;
    }

    private async ValueTask Flush(IDiskFile file)
    {
        await file.Flush();
        Volatile.Write(ref _flushes, _flushes + 1);
    }

    /// <summary>What is kept must at least be readable; a disk that lost even that is not written to again.</summary>
    private async ValueTask VerifyHeader(IDiskFile file)
    {
        var header = new byte[SegmentHeader.Bytes];
        await file.Read(header, 0);
        if (SegmentHeader.Read(header, out _) is { } wrong)
        {
            throw new IOException($"{SegmentHeader.FileName(files.Count)} cannot be gone on from: {wrong}.");
        }
    }
}
