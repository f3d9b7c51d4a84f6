using System.Buffers.Binary;
using System.Text;

namespace OrleansConcert.Storage.Format;

internal enum RecordKind : byte
{
    /// <summary>An event of a fenced stream.</summary>
    Event = 1,

    /// <summary>An entry of a stream without a fence.</summary>
    Note = 2,

    /// <summary>A stored answer.</summary>
    Answer = 3,
}

/// <summary>
/// One entry or answer within a frame. Everything is little-endian; texts are UTF-8 as they were given.
/// <code>
///  0  uint32  bytes of the whole record
///  4  uint32  CRC-32C of everything below
///  8  byte    kind
///  9  byte    1 where the stream has unfinished work after the append of this event
/// 10  uint16  bytes of the name: the stream, or the caller of an answer
/// 12  uint32  bytes of the key of an answer, else zero
/// 16  int64   version of the entry, or status of the answer
/// 24  int64   instant, milliseconds since the Unix epoch
/// 32  int64   position of the stream's entry before this one, or zero
/// 40  name, key, the answer's fingerprint of 32 bytes, text
/// </code>
/// </summary>
internal readonly ref struct Record
{
    public const int HeaderBytes = 40;
    public const int FingerprintBytes = 32;

    private readonly ReadOnlySpan<byte> _bytes;

    private Record(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public int TotalBytes => _bytes.Length;

    public RecordKind Kind => (RecordKind)_bytes[8];

    public bool Unfinished => _bytes[9] != 0;

    public long Version => BinaryPrimitives.ReadInt64LittleEndian(_bytes[16..]);

    public long AtMilliseconds => BinaryPrimitives.ReadInt64LittleEndian(_bytes[24..]);

    public long Previous => BinaryPrimitives.ReadInt64LittleEndian(_bytes[32..]);

    public ReadOnlySpan<byte> Name => _bytes.Slice(HeaderBytes, NameBytes);

    public ReadOnlySpan<byte> Key => _bytes.Slice(HeaderBytes + NameBytes, KeyBytes);

    public ReadOnlySpan<byte> Fingerprint => _bytes.Slice(HeaderBytes + NameBytes + KeyBytes, PrintBytes);

    public ReadOnlySpan<byte> Text => _bytes[(HeaderBytes + NameBytes + KeyBytes + PrintBytes)..];

    private int NameBytes => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[10..]);

    private int KeyBytes => (int)BinaryPrimitives.ReadUInt32LittleEndian(_bytes[12..]);

    private int PrintBytes => Kind == RecordKind.Answer ? FingerprintBytes : 0;

    /// <summary>The length that the first bytes of a record claim; 0 where it cannot be one.</summary>
    public static int LengthAt(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length < HeaderBytes ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return length is >= HeaderBytes and <= Frame.RecordBytesMax ? (int)length : 0;
    }

    /// <summary>Reads the record at the start of the bytes; false where it is not one, whole and undamaged.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Record record)
    {
        record = default;
        var length = LengthAt(bytes);
        if (length == 0 || length > bytes.Length)
        {
            return false;
        }

        var read = new Record(bytes[..length]);
        var fixedBytes = (long)HeaderBytes + read.NameBytes + BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) + read.PrintBytes;
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Crc32C.Of(bytes[8..length])
            || fixedBytes > length
            || read.Kind is not (RecordKind.Event or RecordKind.Note or RecordKind.Answer))
        {
            return false;
        }

        record = read;
        return true;
    }

    /// <summary>Writes an entry at the start of the buffer and gives its length.</summary>
    public static int WriteEntry(
        Span<byte> buffer, RecordKind kind, bool unfinished, string stream, long version, long at, long previous, ReadOnlySpan<byte> text)
    {
        var name = Encoding.UTF8.GetBytes(stream, buffer[HeaderBytes..]);
        text.CopyTo(buffer[(HeaderBytes + name)..]);
        var length = HeaderBytes + name + text.Length;
        WriteHeader(buffer[..length], kind, unfinished, name, 0, version, at, previous);
        return length;
    }

    /// <summary>Writes an answer at the start of the buffer and gives its length.</summary>
    public static int WriteAnswer(Span<byte> buffer, StoredAnswer answer)
    {
        var name = Encoding.UTF8.GetBytes(answer.Caller, buffer[HeaderBytes..]);
        var key = Encoding.UTF8.GetBytes(answer.Key, buffer[(HeaderBytes + name)..]);
        var print = HeaderBytes + name + key;
        answer.Fingerprint.Span.CopyTo(buffer[print..]);
        answer.Body.Span.CopyTo(buffer[(print + FingerprintBytes)..]);
        var length = print + FingerprintBytes + answer.Body.Length;
        WriteHeader(buffer[..length], RecordKind.Answer, false, name, key, answer.Status, answer.At.ToUnixTimeMilliseconds(), 0);
        return length;
    }

    private static void WriteHeader(
        Span<byte> record, RecordKind kind, bool unfinished, int name, int key, long version, long at, long previous)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)record.Length);
        record[8] = (byte)kind;
        record[9] = unfinished ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(record[10..], (ushort)name);
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (uint)key);
        BinaryPrimitives.WriteInt64LittleEndian(record[16..], version);
        BinaryPrimitives.WriteInt64LittleEndian(record[24..], at);
        BinaryPrimitives.WriteInt64LittleEndian(record[32..], previous);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Crc32C.Of(record[8..]));
    }

    /// <summary>The record as an entry, with a copy of its text.</summary>
    public JournalEntry ToEntry(string? stream = null) => new(
        stream ?? Encoding.UTF8.GetString(Name), Version, DateTimeOffset.FromUnixTimeMilliseconds(AtMilliseconds), Text.ToArray());

    /// <summary>The record as an answer, with copies of its bytes.</summary>
    public StoredAnswer ToAnswer() => new(
        Encoding.UTF8.GetString(Name),
        Encoding.UTF8.GetString(Key),
        Fingerprint.ToArray(),
        (int)Version,
        Text.ToArray(),
        DateTimeOffset.FromUnixTimeMilliseconds(AtMilliseconds));
}
