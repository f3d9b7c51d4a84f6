using System.IO.Compression;
using Microsoft.Net.Http.Headers;

namespace OrleansConcert.Api.Http;

/// <summary>How the bytes of an answer may be compressed, as its client has it (RFC 9110, 12.5.3).</summary>
internal static class Encodings
{
    /// <summary>Not at all.</summary>
    public const string Identity = "identity";

    private const string Brotli = "br";
    private const string Gzip = "gzip";

    /// <summary>What is not named is taken too, and last.</summary>
    private const double Unnamed = 0.001;

    private static readonly string[] Ours = [Brotli, Gzip, Identity];

    /// <summary>What the client likes best of what there is; of equals the smallest.</summary>
    public static string Best(string accepted)
    {
        if (accepted.Length == 0 || !StringWithQualityHeaderValue.TryParseList([accepted], out var given))
        {
            return Identity;
        }

        var best = Ours.MaxBy(one => Quality(given, one))!;
        return Quality(given, best) > 0 ? best : Identity;
    }

    public static ReadOnlyMemory<byte> Compress(string encoding, ReadOnlyMemory<byte> bytes)
    {
        using var compressed = new MemoryStream();
        using (Stream into = encoding == Brotli
            ? new BrotliStream(compressed, CompressionLevel.Fastest)
            : new GZipStream(compressed, CompressionLevel.Fastest))
        {
            into.Write(bytes.Span);
        }

        return compressed.ToArray();
    }

    private static double Quality(IList<StringWithQualityHeaderValue> given, string encoding)
    {
        var named = given.FirstOrDefault(one => one.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase));
        return named is not null ? named.Quality ?? 1
            : encoding == Identity ? Unnamed
            : given.FirstOrDefault(one => one.Value == "*") is { } any ? any.Quality ?? 1 : 0;
    }
}
