using System.Runtime.CompilerServices;
using OrleansConcert.Storage.Format;
using OrleansConcert.Storage.Segments;

namespace OrleansConcert.Storage.Reading;

/// <summary>Reads what is durable: streams by their chain of positions, the whole log in order, answers by their hash.</summary>
internal sealed class JournalReader(SegmentFiles files, JournalIndex index)
{
    /// <summary>Page ends remembered, so that the next page need not walk from the head of its stream again.</summary>
    private const int PageEndsMax = 1_024;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Stream, long Before), long> _pageEnds = [];
    private readonly Queue<(string Stream, long Before)> _pageEndsByAge = new();

    /// <summary>Entries after a version up to the head, oldest first.</summary>
    public async ValueTask<IReadOnlyList<JournalEntry>> ReadAfter(string stream, StreamHead head, long version)
    {
        var reader = new RecordReader(files);
        var entries = new List<JournalEntry>();
        for (var position = head.Position; head.Version - entries.Count > version;)
        {
            var read = await reader.ReadEntry(position, stream);
            entries.Add(read.Entry);
            position = read.Previous;
        }

        entries.Reverse();
        return entries;
    }

    /// <summary>Entries below a version, newest first.</summary>
    public async ValueTask<IReadOnlyList<JournalEntry>> ReadBackward(string stream, long before, int count)
    {
        var head = index.HeadOf(stream);
        var reader = new RecordReader(files);
        var entries = new List<JournalEntry>();
        var position = PageEnd(stream, before) ?? head.Position;
        while (position != 0 && entries.Count < count)
        {
            var read = await reader.ReadEntry(position, stream);
            position = read.Previous;
            if (read.Entry.Version < before)
            {
                entries.Add(read.Entry);
            }
        }

        if (entries.Count > 0 && position != 0)
        {
            RememberPageEnd(stream, entries[^1].Version, position);
        }

        return entries;
    }

    /// <summary>Every entry between two positions, in the order in which they became durable; 0 is before the first.</summary>
    public async IAsyncEnumerable<JournalEntry> Read(
        long after, long end, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ulong? batches = after == 0 ? 0 : null;
        for (var number = Math.Max(1, Position.Segment(after)); number <= Position.Segment(end); number++)
        {
            var last = number == Position.Segment(end);
            var start = number == Position.Segment(after) ? Position.Offset(after) : SegmentHeader.Bytes;
            var frames = new FrameReader(files[number], start, last ? Position.Offset(end) : files[number].Length);
            while (await frames.Step())
            {
                if (frames.Frame.Kind == FrameKind.Batch)
                {
                    batches = batches is { } before ? before + 1 : frames.Frame.Sequence;
                }

                RequireInOrder(frames.Frame, batches, number, frames.Offset);
                foreach (var entry in EntriesOf(frames.Records.Span))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return entry;
                }
            }

            if (last && frames.Offset != Position.Offset(end))
            {
                throw Lost(number, frames.Offset);
            }
        }
    }

    /// <summary>The answer of a caller's key that still counts at an instant, in milliseconds; or null.</summary>
    public async ValueTask<StoredAnswer?> FindAnswer(string caller, string key, UInt128 hash, long now)
    {
        var found = index.FindAnswers(hash);
        if (found.Count == 0)
        {
            return null;
        }

        var reader = new RecordReader(files);
        foreach (var position in found)
        {
            var answer = await reader.ReadAnswer(position);
            if (answer.Caller == caller && answer.Key == key && AnswerIndex.IsLive(answer.At.ToUnixTimeMilliseconds(), now))
            {
                return answer;
            }
        }

        return null;
    }

    /// <summary>What was lost within a segment shows as a gap at the next frame that is there.</summary>
    private static void RequireInOrder(Frame frame, ulong? batches, int number, long offset)
    {
        if (frame.Kind == FrameKind.Batch && frame.Sequence != batches)
        {
            throw Lost(number, offset);
        }
    }

    private static JournalException Lost(int number, long offset) => new(
        $"{SegmentHeader.FileName(number)} is damaged at or before offset {offset}; it was whole when the journal was opened.",
        nothingWritten: true);

    private static List<JournalEntry> EntriesOf(ReadOnlySpan<byte> records)
    {
        var entries = new List<JournalEntry>();
        while (Record.TryRead(records, out var record))
        {
            if (record.Kind != RecordKind.Answer)
            {
                entries.Add(record.ToEntry());
            }

            records = records[record.TotalBytes..];
        }

        return entries;
    }

    private long? PageEnd(string stream, long before)
    {
        lock (_gate)
        {
            return _pageEnds.TryGetValue((stream, before), out var position) ? position : null;
        }
    }

    private void RememberPageEnd(string stream, long before, long position)
    {
        lock (_gate)
        {
            if (_pageEnds.TryAdd((stream, before), position))
            {
                _pageEndsByAge.Enqueue((stream, before));
            }

            if (_pageEnds.Count > PageEndsMax)
            {
                _pageEnds.Remove(_pageEndsByAge.Dequeue());
            }
        }
    }
}
