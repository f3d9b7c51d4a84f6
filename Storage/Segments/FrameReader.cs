using OrleansConcert.Storage.Disks;
using OrleansConcert.Storage.Format;

namespace OrleansConcert.Storage.Segments;

/// <summary>Reads the frames of one segment in order, up to an end.</summary>
internal sealed class FrameReader(IDiskFile file, long start, long end)
{
    private const int ReadAheadBytes = 1 << 20;

    private byte[] _buffer = [];
    private long _bufferStart;
    private int _bufferLength;

    /// <summary>Where the current frame starts; where none could be read, where it would have.</summary>
    public long Offset { get; private set; } = start;

    /// <summary>Where the frame after the current one starts.</summary>
    public long Next { get; private set; } = start;

    public Frame Frame { get; private set; }

    /// <summary>The records of the current frame; overwritten by the next step.</summary>
    public ReadOnlyMemory<byte> Records { get; private set; }

    /// <summary>Steps to the next frame; false where there is no whole, undamaged one at <see cref="Offset"/>.</summary>
    public async ValueTask<bool> Step()
    {
        Offset = Next;
        var head = await Fetch(Offset, Format.Frame.HeaderBytes);
        if (!Format.Frame.TryReadHeader(head.Span, out var frame))
        {
            return false;
        }

        var bytes = await Fetch(Offset, frame.TotalBytes);
        if (!frame.IsWhole(bytes.Span))
        {
            return false;
        }

        Frame = frame;
        Records = bytes.Slice(Format.Frame.HeaderBytes, frame.RecordBytes);
        Next = Offset + frame.TotalBytes;
        return true;
    }

    /// <summary>The bytes at an offset; fewer where the end comes first.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> Fetch(long offset, int count)
    {
        count = (int)Math.Min(count, end - offset);
        if (count <= 0)
        {
            return default;
        }

        if (offset < _bufferStart || offset + count > _bufferStart + _bufferLength)
        {
            var size = (int)Math.Min(end - offset, Math.Max(count, ReadAheadBytes));
            if (_buffer.Length < size)
            {
                _buffer = new byte[size];
            }

            _bufferLength = await file.Read(_buffer.AsMemory(0, size), offset);
            _bufferStart = offset;
            count = Math.Min(count, _bufferLength);
        }

        return _buffer.AsMemory((int)(offset - _bufferStart), count);
    }
}
