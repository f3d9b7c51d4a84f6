using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace OrleansConcert.Grains;

/// <summary>Where ids come from: injected, so that a simulation can repeat them.</summary>
public interface IIdSource
{
    /// <summary>128 bits that nobody can guess, in base64url: 22 characters.</summary>
    string NextSecret();

    /// <summary>32 bits that tell a token from the one it replaces.</summary>
    uint NextNonce();
}

/// <summary>Ids from the operating system's cryptographic generator.</summary>
public sealed class RandomIds : IIdSource
{
    public string NextSecret()
    {
        Span<byte> bits = stackalloc byte[16];
        RandomNumberGenerator.Fill(bits);
        return Base64Url.EncodeToString(bits);
    }

    public uint NextNonce()
    {
        Span<byte> bits = stackalloc byte[4];
        RandomNumberGenerator.Fill(bits);
        return BinaryPrimitives.ReadUInt32LittleEndian(bits);
    }
}
