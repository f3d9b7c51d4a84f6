using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace OrleansConcert.Domain.Access;

/// <summary>The keys under which tokens are signed: the first signs, all verify, so that keys can be rotated.</summary>
public sealed class KeyRing
{
    /// <summary>A shorter key is refused.</summary>
    public const int MinKeyBytes = 32;

    /// <summary>More keys than this are refused: every one of them is tried on a forged token.</summary>
    public const int MaxKeys = 8;

    private const int MaxSignedBytes = 384;
    private const int TagBytes = HMACSHA256.HashSizeInBytes;
    private readonly ImmutableArray<byte[]> _keys;

    /// <summary>One hash a key, for whoever needs them next: to make and key one costs several times what a token's tag does.</summary>
    private readonly ConcurrentBag<IncrementalHash[]> _idle = [];

    public KeyRing(ImmutableArray<byte[]> keys)
    {
        if (keys.Length is < 1 or > MaxKeys || keys.Any(key => key.Length < MinKeyBytes))
        {
            throw new ArgumentException($"1 to {MaxKeys} keys of at least {MinKeyBytes} bytes are needed", nameof(keys));
        }

        _keys = keys;
    }

    /// <summary><c>prefix</c>, then claims and their HMAC-SHA-256 tag, each in base64url. The prefix is signed too.</summary>
    public string Sign(string prefix, string claims)
    {
        Span<byte> tag = stackalloc byte[TagBytes];
        var hashes = Take();
        Tag(hashes[0], Encoding.UTF8.GetBytes(prefix + claims), tag);
        _idle.Add(hashes);
        return $"{prefix}{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.{Base64Url.EncodeToString(tag)}";
    }

    /// <summary>The claims of a token that was signed under one of the keys, or null. Compares in constant time.</summary>
    public string? Verify(string prefix, string token)
    {
        var dot = token.LastIndexOf('.');
        Span<byte> given = stackalloc byte[TagBytes];
        Span<byte> signed = stackalloc byte[MaxSignedBytes];
        var text = signed[Encoding.UTF8.GetBytes(prefix, signed)..];
        if (dot < prefix.Length || !token.StartsWith(prefix, StringComparison.Ordinal)
            || !TryDecode(token.AsSpan(dot + 1), given, out var tagLength) || tagLength != TagBytes
            || !TryDecode(token.AsSpan(prefix.Length, dot - prefix.Length), text, out var length))
        {
            return null;
        }

        signed = signed[..(signed.Length - text.Length + length)];
        Span<byte> expected = stackalloc byte[TagBytes];
        var verified = false;
        var hashes = Take();
        foreach (var hash in hashes)
        {
            Tag(hash, signed, expected);
            verified |= CryptographicOperations.FixedTimeEquals(expected, given);
        }

        _idle.Add(hashes);
        return verified
            && IsWritten(token.AsSpan(prefix.Length, dot - prefix.Length), text[..length])
            && IsWritten(token.AsSpan(dot + 1), given)
            ? Encoding.UTF8.GetString(text[..length])
            : null;
    }

    /// <summary>Whether that is the one way in which we write those bytes; others decode to the same.</summary>
    private static bool IsWritten(ReadOnlySpan<char> text, ReadOnlySpan<byte> bytes)
    {
        Span<char> written = stackalloc char[Base64Url.GetEncodedLength(bytes.Length)];
        Base64Url.EncodeToChars(bytes, written);
        return text.SequenceEqual(written);
    }

    /// <summary>Unlike <see cref="Base64Url.TryDecodeFromChars"/> it does not throw at what is no base64url.</summary>
    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes, out int length) =>
        Base64Url.DecodeFromChars(text, bytes, out _, out length) == OperationStatus.Done;

    private IncrementalHash[] Take() => _idle.TryTake(out var hashes)
        ? hashes
        : [.. _keys.Select(key => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key))];

    private static void Tag(IncrementalHash hash, ReadOnlySpan<byte> signed, Span<byte> tag)
    {
        hash.AppendData(signed);
        hash.GetHashAndReset(tag);
    }
}
