using OrleansConcert.Storage.Disks;
using OrleansConcert.Storage.Format;

namespace OrleansConcert.Storage.Segments;

/// <summary>What is behind the last good frame of the last segment.</summary>
internal enum TailState
{
    /// <summary>Nothing but zeros.</summary>
    Empty,

    /// <summary>A frame that was never written to its end, so that nobody was told it is durable.</summary>
    Torn,

    /// <summary>Something that was durable once and is not what it was.</summary>
    Damaged,
}

/// <summary>
/// Tells a torn last write from damage. A segment is zeros until it is written, a sector is written whole or not at all,
/// and the next frame is written only once the one before it is durable. So a write is torn where a sector of it is still
/// zero that was not written so, or its end mark is missing, and where nothing valid follows.
/// </summary>
/// <remarks>
/// What cannot be told apart: damage to the last write of a store that was not closed which leaves nothing but zeros of a whole sector
/// of it, or of its end mark, looks as if that sector had never been written. A closed store has no such place.
/// </remarks>
internal static class Tail
{
    public static async ValueTask<TailState> Judge(IDiskFile file, long offset)
    {
        var tail = new byte[(int)Math.Max(0, file.Length - offset)];
        var length = await file.Read(tail, offset);
        return Judge(tail.AsSpan(0, length), offset);
    }

    private static TailState Judge(ReadOnlySpan<byte> tail, long offset)
    {
        if (IsZero(tail))
        {
            return TailState.Empty;
        }

        if (HasFrameAfterStart(tail))
        {
            return TailState.Damaged;
        }

        return Frame.TryReadHeader(tail, out var frame) ? JudgeBody(tail, frame, offset) : JudgeHeader(tail, offset);
    }

    private static TailState JudgeHeader(ReadOnlySpan<byte> tail, long offset)
    {
        var cutShort = tail.Length < Frame.HeaderBytes || IsZero(tail[Frame.HeaderBytes..]);
        return cutShort || HasZeroSector(tail[..Frame.HeaderBytes], offset) ? TailState.Torn : TailState.Damaged;
    }

    private static TailState JudgeBody(ReadOnlySpan<byte> tail, Frame frame, long offset)
    {
        var total = frame.TotalBytes;
        if (tail.Length < total)
        {
            return TailState.Torn;
        }

        // An open segment is filled beyond its last frame; a file that ends with its frame was closed, and is no tear.
        var everySector = Frame.CountZeroSectors(tail[..total], offset) <= frame.ZeroSectors;
        var written = tail.Length == total || (tail[total - 1] != 0 && everySector);
        return written ? TailState.Damaged : TailState.Torn;
    }

    private static bool HasFrameAfterStart(ReadOnlySpan<byte> tail)
    {
        for (var offset = 8; offset + Frame.HeaderBytes <= tail.Length; offset += 8)
        {
            if (Frame.TryReadHeader(tail[offset..], out var frame) && frame.IsWhole(tail[offset..]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasZeroSector(ReadOnlySpan<byte> bytes, long offset)
    {
        for (var start = 0; start < bytes.Length;)
        {
            var end = Math.Min(bytes.Length, start + Frame.SectorBytes - (int)((offset + start) % Frame.SectorBytes));
            if (IsZero(bytes[start..end]))
            {
                return true;
            }

            start = end;
        }

        return false;
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);
}
