using System.Security.Cryptography;
using System.Text;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Access;

/// <summary>The keys with which the operator's own site issues access tokens.</summary>
internal sealed class OperatorKeys
{
    private readonly ImmutableArray<byte[]> _digests;

    public OperatorKeys(ImmutableArray<string> keys) => _digests = [.. keys.Select(Digest)];

    /// <summary>Why the key is not one of them, or null where it is. Every key is compared, each in constant time.</summary>
    public Problem? Refuse(string? given)
    {
        var digest = Digest(given ?? "");
        var known = false;
        foreach (var one in _digests)
        {
            known |= CryptographicOperations.FixedTimeEquals(one, digest);
        }

        return known && given is not null
            ? null
            : new(ProblemCode.OperatorKeyInvalid, "Operator-Key must be one of the keys that this server was started with.");
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
