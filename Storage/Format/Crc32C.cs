using System.Buffers.Binary;
using System.Numerics;

namespace OrleansConcert.Storage.Format;

/// <summary>CRC-32C (Castagnoli), eight bytes a step; the processor has an instruction for it.</summary>
internal static class Crc32C
{
    /// <summary>What <see cref="Add"/> starts from.</summary>
    public const uint Start = uint.MaxValue;

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Add(Start, bytes);

    public static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var each in bytes)
        {
            crc = BitOperations.Crc32C(crc, each);
        }

        return crc;
    }
}
