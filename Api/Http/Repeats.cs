using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Http;

/// <summary>The keys under which requests may be repeated: how they are read, and which of them are in use right now.</summary>
internal sealed class Repeats
{
    public const string Header = "Idempotency-Key";
    private const int MaxLength = 255;

    public static readonly Problem InProgress =
        new(ProblemCode.IdempotencyInProgress, "The first request with this Idempotency-Key still runs; ask again shortly.");

    private readonly ConcurrentDictionary<(string Caller, string Key), byte> _running = [];

    /// <summary>Takes a key for the time of one request; false where another request has it.</summary>
    public bool Take(string caller, string key) => _running.TryAdd((caller, key), 0);

    public void GiveBack(string caller, string key) => _running.TryRemove((caller, key), out _);

    /// <summary>The key without its quotes, null where none was sent, or what is wrong with it.</summary>
    public static (string? Key, Problem? Wrong) Read(StringValues header)
    {
        if (header.Count == 0)
        {
            return (null, null);
        }

        var key = header is [{ } text] ? text : "";
        if (key is ['"', .. var quoted, '"'])
        {
            key = quoted;
        }

        return key.Length is >= 1 and <= MaxLength && key.All(character => character is >= '!' and <= '~')
            ? (key, null)
            : (null, Problem.OfArgument(Header, $"1 to {MaxLength} visible ASCII characters, bare or in quotes"));
    }

    /// <summary>What a key is the key of: method, path and the raw bytes of the body.</summary>
    public static string Fingerprint(string method, string path, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{method}\n{path}\n"));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
