using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansConcert.Storage.Disks;
using OrleansConcert.Storage.Format;

namespace OrleansConcert.Storage;

/// <summary>
/// The newest snapshot of each stream, a file each: <c>snapshots/[hash of the stream]-[version].snapshot</c>. Little-endian.
/// <code>
///  0  8 bytes "OCSNAPSH"
///  8  uint32  version of the format: 1
/// 12  uint32  bytes of the stream's name
/// 16  int64   version of the stream
/// 24  uint32  number of pieces
/// 28  name, then every piece behind its length (uint32), then the CRC-32C of everything (uint32)
/// </code>
/// A file has its name only once it is durable. One that is damaged is as good as none: the journal has everything.
/// </summary>
internal sealed class SnapshotFiles(IDisk disk, ILogger logger) : IDisposable
{
    public const string Folder = "snapshots";

    /// <summary>The most that the pieces of one snapshot may be together.</summary>
    public const long BytesMax = 1 << 30;

    private const string Suffix = ".snapshot";
    private const string MakingSuffix = ".new";
    private const int HeaderBytes = 28;
    private const uint FormatVersion = 1;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _oneSave = new(1);
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);

    private static ReadOnlySpan<byte> Magic => "OCSNAPSH"u8;

    /// <summary>Finds what there is among the store's files, and removes what a crash or a newer one left over.</summary>
    public async ValueTask Scan(IEnumerable<string> names)
    {
        foreach (var name in names.Where(name => name.StartsWith(Folder + "/", StringComparison.Ordinal)))
        {
            if (!TryParse(name, out var hash, out var version))
            {
                await disk.Delete(name);
                continue;
            }

            // Names come in order, so the newest of a stream is the last.
            if (_versions.TryGetValue(hash, out var older))
            {
                await disk.Delete(NameOf(hash, older));
            }

            _versions[hash] = version;
        }
    }

    /// <summary>The newest snapshot of a stream that is at most at its head; version 0 and no pieces where there is none.</summary>
    public async ValueTask<(long Version, IReadOnlyList<ReadOnlyMemory<byte>> Pieces)> Load(string stream, long head)
    {
        var hash = HashOf(stream);
        for (var version = VersionOf(hash); version > 0;)
        {
            var wrong = $"the stream ends at {head}";
            try
            {
                if (version <= head)
                {
                    using var file = await disk.Open(NameOf(hash, version));
                    var bytes = new byte[(int)Math.Min(file.Length, Array.MaxLength)];
                    await file.Read(bytes, 0);
                    return (version, Parse(bytes, stream, version));
                }
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                wrong = e.Message;
            }

            var newer = VersionOf(hash);
            if (newer == version)
            {
                logger.SnapshotIgnored(NameOf(hash, version), wrong);
                break;
            }

            version = newer;
        }

        return (0, []);
    }

    /// <summary>Replaces the snapshot of a stream; an older one than it has is ignored.</summary>
    public async Task Save(string stream, long version, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        await _oneSave.WaitAsync();
        try
        {
            var hash = HashOf(stream);
            var kept = VersionOf(hash);
            if (kept >= version)
            {
                return;
            }

            var name = NameOf(hash, version);
            await Write(name + MakingSuffix, stream, version, pieces);
            await disk.Rename(name + MakingSuffix, name);
            await disk.FlushNames();
            lock (_gate)
            {
                _versions[hash] = version;
            }

            if (kept > 0)
            {
                await disk.Delete(NameOf(hash, kept));
            }
        }
        finally
        {
            _oneSave.Release();
        }
    }

    public void Dispose() => _oneSave.Dispose();

    private async ValueTask Write(string name, string stream, long version, IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        using var file = await disk.Create(name);
        var offset = 0L;
        var crc = Crc32C.Start;
        await Put(HeaderOf(stream, version, pieces.Count));
        foreach (var piece in pieces)
        {
            await Put(Number((uint)piece.Length));
            await Put(piece);
        }

        await Put(Number(~crc));
        await file.Flush();

        async ValueTask Put(ReadOnlyMemory<byte> bytes)
        {
            crc = Crc32C.Add(crc, bytes.Span);
            await file.Write(bytes, offset);
            offset += bytes.Length;
        }
    }

    private static byte[] HeaderOf(string stream, long version, int pieces)
    {
        var name = Encoding.UTF8.GetBytes(stream);
        var header = new byte[HeaderBytes + name.Length];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), name.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), version);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), pieces);
        name.CopyTo(header, HeaderBytes);
        return header;
    }

    private static List<ReadOnlyMemory<byte>> Parse(byte[] bytes, string stream, long version)
    {
        if (bytes.Length < HeaderBytes + sizeof(uint)
            || Crc32C.Of(bytes.AsSpan(..^sizeof(uint))) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(^sizeof(uint)..)))
        {
            throw new InvalidDataException("its checksum does not fit");
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24));
        var header = HeaderOf(stream, version, count);
        if (!bytes.AsSpan().StartsWith(header))
        {
            throw new InvalidDataException("it is of another stream, version or format");
        }

        var pieces = new List<ReadOnlyMemory<byte>>();
        var offset = header.Length;
        for (var piece = 0; piece < count; piece++)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(offset));
            pieces.Add(bytes.AsMemory(offset + sizeof(uint), length));
            offset += sizeof(uint) + length;
        }

        return pieces;
    }

    private static byte[] Number(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private long VersionOf(string hash)
    {
        lock (_gate)
        {
            return _versions.GetValueOrDefault(hash);
        }
    }

    private static string HashOf(string stream) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stream)).AsSpan(0, 16));

    private static string NameOf(string hash, long version) =>
        string.Create(CultureInfo.InvariantCulture, $"{Folder}/{hash}-{version:D19}{Suffix}");

    private static bool TryParse(string name, out string hash, out long version)
    {
        hash = "";
        version = 0;
        var file = name.AsSpan(Folder.Length + 1);
        if (file.Length != 32 + 1 + 19 + Suffix.Length || !file.EndsWith(Suffix, StringComparison.Ordinal))
        {
            return false;
        }

        hash = file[..32].ToString();
        return long.TryParse(file.Slice(33, 19), NumberStyles.None, CultureInfo.InvariantCulture, out version);
    }
}
