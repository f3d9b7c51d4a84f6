namespace OrleansConcert.Storage.Segments;

/// <summary>Where a record is: number of the segment and offset in it, as one number. 0 is nowhere.</summary>
internal static class Position
{
    public static long Of(int segment, long offset) => ((long)segment << 32) | offset;

    public static int Segment(long position) => (int)(position >> 32);

    public static long Offset(long position) => position & uint.MaxValue;
}
