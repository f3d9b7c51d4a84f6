using OrleansConcert.Storage.Disks;
using OrleansConcert.Storage.Format;
using OrleansConcert.Storage.Reading;

namespace OrleansConcert.Storage.Segments;

/// <summary>
/// Opens the segments of a store: every frame is read and verified, the index is built, a torn last write is cut off.
/// Anything else that is not as it was written stops the start, with one line that says where.
/// </summary>
internal sealed class StoreOpening(IDisk disk, SegmentFiles files, SegmentLog log, JournalIndex index, FileJournalOptions options)
{
    private const string Remedy = "Nothing was changed. Restore the folder from a backup.";

    private ulong _expected = 1;
    private FrameKind _lastKind;
    private (long Offset, int Bytes) _lastFrame;

    public async ValueTask Open(IReadOnlyList<string> names)
    {
        var numbers = names.Select(SegmentHeader.NumberOf).Where(number => number > 0).Order().ToList();
        if (numbers.Count == 0)
        {
            await BeginEmpty(names);
            return;
        }

        RefuseGaps(numbers);

        // Whoever was here before may have died between a rename and its flush: a name that is seen must not vanish later.
        await disk.FlushNames();
        var end = 0L;
        foreach (var number in numbers)
        {
            files.Add(await disk.Open(SegmentHeader.FileName(number)));
            end = await Scan(number, number == numbers.Count);
        }

        await FinishRoll(names, numbers.Count, end);
    }

    private static StoreException Damaged(string disk, int number, long offset, string what) =>
        new($"{disk}/{SegmentHeader.FileName(number)} is damaged at offset {offset}: {what}. {Remedy}");

    private async ValueTask BeginEmpty(IReadOnlyList<string> names)
    {
        var orphan = names.FirstOrDefault(name => name.EndsWith(".snapshot", StringComparison.Ordinal));
        if (orphan is not null)
        {
            throw new StoreException($"{disk.Name}/{SegmentHeader.FileName(1)} is missing, though {orphan} is there. {Remedy}");
        }

        await log.Begin();
        index.Apply([], [], 0, log.End);
    }

    private void RefuseGaps(List<int> numbers)
    {
        for (var at = 0; at < numbers.Count; at++)
        {
            if (numbers[at] != at + 1)
            {
                var there = SegmentHeader.FileName(numbers[at]);
                throw new StoreException($"{disk.Name}/{SegmentHeader.FileName(at + 1)} is missing, though {there} is there. {Remedy}");
            }
        }
    }

    /// <summary>Reads one segment into the index and gives where its frames end.</summary>
    private async ValueTask<long> Scan(int number, bool last)
    {
        var file = files[number];
        await ReadHeader(file, number);
        _lastKind = default;
        _lastFrame = default;
        var frames = new FrameReader(file, SegmentHeader.Bytes, file.Length);
        while (await frames.Step())
        {
            Take(frames, number);
        }

        index.Apply([], [], 0, Position.Of(number, frames.Offset));
        var tail = await Tail.Judge(file, frames.Offset);
        if (tail == TailState.Damaged || (tail == TailState.Torn && (!last || _lastKind == FrameKind.Full)))
        {
            throw Damaged(disk.Name, number, frames.Offset, "what is there is not what was written");
        }

        if (last)
        {
            await Settle(file, number, frames.Offset, tail);
        }

        return frames.Offset;
    }

    private async ValueTask ReadHeader(IDiskFile file, int number)
    {
        var bytes = new byte[SegmentHeader.Bytes];
        var length = await file.Read(bytes, 0);
        if (SegmentHeader.Read(bytes.AsSpan(0, length), out var header) is { } wrong)
        {
            throw Damaged(disk.Name, number, 0, wrong);
        }

        if (header.Number != number || header.FirstSequence != _expected)
        {
            throw Damaged(
                disk.Name, number, 0, $"it is segment {header.Number} from batch {header.FirstSequence}, not {number} from {_expected}");
        }
    }

    private void Take(FrameReader frames, int number)
    {
        if (frames.Frame.Sequence != _expected || _lastKind == FrameKind.Full)
        {
            throw Damaged(disk.Name, number, frames.Offset, $"batch {frames.Frame.Sequence} is where {_expected} should be");
        }

        _lastKind = frames.Frame.Kind;
        _lastFrame = (frames.Offset, frames.Frame.TotalBytes);
        if (_lastKind != FrameKind.Batch)
        {
            return;
        }

        _expected++;
        var position = Position.Of(number, frames.Offset + Frame.HeaderBytes);
        if (index.Replay(frames.Records.Span, position, Position.Of(number, frames.Next)) is { } wrong)
        {
            throw Damaged(disk.Name, number, frames.Offset, wrong);
        }
    }

    /// <summary>
    /// Makes certain of the end. The last frame may have been read from the system's memory alone, where the process
    /// before this one died between its write and its flush: it is written again, so that a flush really writes it.
    /// </summary>
    private async ValueTask Settle(IDiskFile file, int number, long end, TailState tail)
    {
        if (tail == TailState.Torn)
        {
            options.Logger.TailCut(SegmentHeader.FileName(number), end);
            await file.SetLength(end);
        }

        if (_lastFrame.Bytes > 0)
        {
            var frame = new byte[_lastFrame.Bytes];
            await file.Read(frame, _lastFrame.Offset);
            await file.Write(frame, _lastFrame.Offset);
        }

        await file.Flush();
        log.Resume(end, file.Length, _expected);
    }

    /// <summary>A full segment has a next one, with its name or still without; what is half made otherwise is nobody's.</summary>
    private async ValueTask FinishRoll(IReadOnlyList<string> names, int count, long end)
    {
        var next = SegmentHeader.FileName(count + 1);
        var making = next + SegmentHeader.MakingSuffix;
        if (_lastKind == FrameKind.Full && !names.Contains(making))
        {
            throw Damaged(disk.Name, count, end, $"it says that it is full, but {next} is missing");
        }

        if (_lastKind != FrameKind.Full)
        {
            if (names.Contains(making))
            {
                await disk.Delete(making);
            }

            return;
        }

        await log.NameNext();
        await ReadHeader(files[count + 1], count + 1);
        index.Apply([], [], 0, log.End);
    }
}
