using System.Buffers.Binary;
using System.Globalization;

namespace OrleansConcert.Storage.Format;

/// <summary>
/// The first bytes of a segment file <c>segment-0000000001.log</c>. Little-endian.
/// <code>
///  0  8 bytes "OCJOURNL"
///  8  uint32  version of the format: 1
/// 12  uint32  number of the segment, from 1
/// 16  uint64  sequence of its first frame
/// 24  uint32  zero
/// 28  uint32  CRC-32C of the 28 bytes above
/// </code>
/// Frames follow to the end, then zeros. A segment has its name only once its header is durable.
/// </summary>
internal readonly record struct SegmentHeader(int Number, ulong FirstSequence)
{
    public const int Bytes = 32;
    public const uint FormatVersion = 1;

    /// <summary>The suffix of a segment that is still being made.</summary>
    public const string MakingSuffix = ".new";

    private const string Prefix = "segment-";
    private const string Suffix = ".log";

    private static ReadOnlySpan<byte> Magic => "OCJOURNL"u8;

    public static string FileName(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D10}{Suffix}");

    /// <summary>The number of a segment file, or 0 where the name is not one's.</summary>
    public static int NumberOf(string fileName) =>
        fileName.StartsWith(Prefix, StringComparison.Ordinal)
        && fileName.EndsWith(Suffix, StringComparison.Ordinal)
        && int.TryParse(fileName.AsSpan(Prefix.Length..^Suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    public void Write(Span<byte> buffer)
    {
        buffer[..Bytes].Clear();
        Magic.CopyTo(buffer);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[8..], FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(buffer[12..], Number);
        BinaryPrimitives.WriteUInt64LittleEndian(buffer[16..], FirstSequence);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[28..], Crc32C.Of(buffer[..28]));
    }

    /// <summary>Reads a header; gives what is wrong with it, or null where nothing is.</summary>
    public static string? Read(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        header = default;
        if (bytes.Length < Bytes || !bytes.StartsWith(Magic))
        {
            return "it is not a segment of a journal";
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]) != Crc32C.Of(bytes[..28]))
        {
            return "its header is damaged";
        }

        if (version != FormatVersion)
        {
            return $"it has format version {version} and this program reads {FormatVersion}";
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
        return null;
    }
}
