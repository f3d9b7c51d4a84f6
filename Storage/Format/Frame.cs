using System.Buffers.Binary;

namespace OrleansConcert.Storage.Format;

/// <summary>What a frame is for.</summary>
internal enum FrameKind : byte
{
    /// <summary>One batch of records.</summary>
    Batch = 1,

    /// <summary>The journal was closed in order after the frame before this one.</summary>
    Closed = 2,

    /// <summary>The segment is full; another one follows it.</summary>
    Full = 3,
}

/// <summary>
/// One write of the journal: all of it counts or none of it. Everything is little-endian.
/// <code>
///  0  uint32  magic F7 'O' 'C' 'F'
///  4  byte    kind, then three zeros
///  8  uint64  sequence: 1 for the journal's first batch, one more for each; a mark (Closed, Full) has that of the batch to come
/// 16  uint32  bytes of records
/// 20  uint32  CRC-32C of records and padding
/// 24  uint32  sectors of the file that lie wholly behind the header, within the frame, and are zero as written
/// 28  uint32  CRC-32C of the 28 bytes above
/// 32  records, then zeros until the next 4 bytes end on a multiple of 8, then the end mark F7 'E' 'O' 'F'
/// </code>
/// Frames start on a multiple of 8. The end mark says whether a frame whose checksum fails was ever written to its end,
/// and the zero sectors whether it was written between: a sector that never reached the disk is one zero sector more.
/// </summary>
internal readonly record struct Frame(FrameKind Kind, ulong Sequence, int RecordBytes, uint RecordsCrc, int ZeroSectors)
{
    public const int HeaderBytes = 32;
    public const int EndBytes = 4;

    /// <summary>What a disk writes whole or not at all, at the least.</summary>
    public const int SectorBytes = 512;

    /// <summary>No frame holds more records than this, so that a damaged length cannot ask for all memory.</summary>
    public const int RecordBytesMax = 64 << 20;

    private const uint Magic = 0x46434FF7;
    private const uint EndMark = 0x464F45F7;

    /// <summary>Bytes of the whole frame.</summary>
    public int TotalBytes => Total(RecordBytes);

    public static int Total(int recordBytes) => (HeaderBytes + recordBytes + EndBytes + 7) & ~7;

    /// <summary>Completes a frame whose records are at <see cref="HeaderBytes"/>; the buffer is exactly one frame long.</summary>
    /// <param name="offset">Where in its file the frame will start.</param>
    public static void Complete(Span<byte> frame, FrameKind kind, ulong sequence, int recordBytes, long offset)
    {
        frame[(HeaderBytes + recordBytes)..].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(frame[^EndBytes..], EndMark);
        frame[..HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        frame[4] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(frame[8..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[16..], (uint)recordBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[20..], Crc32C.Of(frame[HeaderBytes..^EndBytes]));
        BinaryPrimitives.WriteInt32LittleEndian(frame[24..], CountZeroSectors(frame, offset));
        BinaryPrimitives.WriteUInt32LittleEndian(frame[28..], Crc32C.Of(frame[..28]));
    }

    /// <summary>Reads a header; false where it is not one, whole and undamaged.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> bytes, out Frame frame)
    {
        frame = default;
        if (bytes.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]) != Crc32C.Of(bytes[..28]))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
        frame = new Frame(
            (FrameKind)bytes[4],
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            (int)length,
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]));
        return length <= RecordBytesMax && frame.Kind is FrameKind.Batch or FrameKind.Closed or FrameKind.Full;
    }

    /// <summary>How many sectors of the file lie wholly behind the header of a frame, begin in it, and are zero.</summary>
    /// <param name="offset">Where in its file the frame starts.</param>
    public static int CountZeroSectors(ReadOnlySpan<byte> frame, long offset)
    {
        var count = 0;
        var sector = (int)((offset + HeaderBytes + SectorBytes - 1) / SectorBytes * SectorBytes - offset);
        for (; sector < frame.Length; sector += SectorBytes)
        {
            var end = Math.Min(frame.Length, sector + SectorBytes);
            count += frame[sector..end].ContainsAnyExcept((byte)0) ? 0 : 1;
        }

        return count;
    }

    /// <summary>Whether the bytes of this frame, header included, are those that were written.</summary>
    public bool IsWhole(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= TotalBytes
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[(TotalBytes - EndBytes)..]) == EndMark
        && Crc32C.Of(bytes[HeaderBytes..(TotalBytes - EndBytes)]) == RecordsCrc;
}
