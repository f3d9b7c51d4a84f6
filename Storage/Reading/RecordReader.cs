using OrleansConcert.Storage.Format;
using OrleansConcert.Storage.Segments;

namespace OrleansConcert.Storage.Reading;

/// <summary>Reads single records by position, cheaply where one follows another backwards through the log. For one caller.</summary>
internal sealed class RecordReader(SegmentFiles files)
{
    private const int BlockBytes = 4 << 10;
    private const int NearBytes = 60 << 10;

    private byte[] _window = [];
    private long _windowStart;
    private int _windowLength;
    private long _last;

    /// <summary>The entry at a position and the position of the one before it in its stream.</summary>
    public async ValueTask<(JournalEntry Entry, long Previous)> ReadEntry(long position, string stream)
    {
        var record = Parse(await Fetch(position), position);
        return (record.ToEntry(stream), record.Previous);
    }

    /// <summary>The answer at a position.</summary>
    public async ValueTask<StoredAnswer> ReadAnswer(long position)
    {
        var record = Parse(await Fetch(position), position);
        return record.ToAnswer();
    }

    private static Record Parse(ReadOnlyMemory<byte> bytes, long position) =>
        Record.TryRead(bytes.Span, out var record) ? record : throw Damaged(position);

    private static JournalException Damaged(long position) => new(
        $"{SegmentHeader.FileName(Position.Segment(position))} has no record at offset {Position.Offset(position)} any more.",
        nothingWritten: true);

    private async ValueTask<ReadOnlyMemory<byte>> Fetch(long position)
    {
        if (!Has(position, Record.HeaderBytes))
        {
            await Fill(position, BlockBytes);
        }

        var length = Record.LengthAt(Window(position));
        if (!Has(position, length))
        {
            await Fill(position, length);
        }

        _last = position;
        var there = (int)Math.Clamp(_windowStart + _windowLength - position, 0, length);
        return _window.AsMemory((int)(position - _windowStart), there);
    }

    private bool Has(long position, int count) =>
        position >= _windowStart && position + count <= _windowStart + _windowLength;

    private ReadOnlySpan<byte> Window(long position) =>
        _window.AsSpan(0, _windowLength)[(int)Math.Min(position - _windowStart, _windowLength)..];

    /// <summary>Reads a block; and what is before it too, where the last step back was a short one.</summary>
    private async ValueTask Fill(long position, int count)
    {
        var near = _last - position is > 0 and < NearBytes;
        var before = (int)Math.Min(Position.Offset(position), near ? NearBytes : 0);
        if (_window.Length < before + count)
        {
            // Room for a whole window only where one is read: most readers want one record and are done.
            _window = new byte[near ? Math.Max(before + count, NearBytes + BlockBytes) : count];
        }

        _windowStart = position - before;
        var file = files[Position.Segment(position)];
        _windowLength = await file.Read(_window.AsMemory(0, before + count), Position.Offset(position) - before);
    }
}
