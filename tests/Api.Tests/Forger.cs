using System.Buffers.Text;
using System.Globalization;
using System.Text;
using OrleansConcert.Domain.Access;

namespace OrleansConcert.Api.Tests;

/// <summary>Makes tokens that are not ours out of two that are: every kind that we could think of.</summary>
internal static class Forger
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private const int TagBytes = 32;

    /// <summary>Keys of somebody else, or of ours that are out of use.</summary>
    private static readonly KeyRing Strange = new([[.. Enumerable.Range(1, KeyRing.MinKeyBytes).Select(each => (byte)(each * 7))]]);

    /// <summary>Each kind of forgery, made of one genuine token and another of the same kind.</summary>
    public static IReadOnlyDictionary<string, Func<Random, string, string, string>> Kinds { get; } =
        new Dictionary<string, Func<Random, string, string, string>>
        {
            ["a bit flipped"] = (random, one, _) =>
                Replaced(one, random.Next(one.Length), letter => (char)(letter ^ (1 << random.Next(16)))),
            ["a letter changed"] = (random, one, _) => Replaced(one, random.Next(one.Length), letter => Other(random, letter)),
            ["a letter inserted"] = (random, one, _) => one.Insert(random.Next(one.Length + 1), Any(random).ToString()),
            ["a space inserted"] = (random, one, _) => one.Insert(random.Next(1, one.Length), random.Next(2) == 0 ? " " : "\t"),
            ["a letter lost"] = (random, one, _) => one.Remove(random.Next(one.Length), 1),
            ["the end lost"] = (random, one, _) => one[..random.Next(one.Length)],
            ["the beginning lost"] = (random, one, _) => one[random.Next(1, one.Length)..],
            ["two together"] = (_, one, other) => one + other,
            ["padded"] = (random, one, _) => one + new string('=', random.Next(1, 4)),
            ["plain base64"] = (_, one, _) => one[..^Tag(one).Length] + Convert.ToBase64String(Base64Url.DecodeFromChars(Tag(one))),
            ["unused bits of the tag set"] = (random, one, _) =>
                one[..^1] + Letters[Letters.IndexOf(one[^1], StringComparison.Ordinal) ^ random.Next(1, 4)],
            ["the other case"] = (_, one, _) =>
                string.Concat(one.Select(letter => char.IsUpper(letter) ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter))),
            ["another prefix"] = (random, one, _) => Pick(random, "", ".", "xt.", "QT.", "AT.", "qt:", "qt..") + one[Prefix(one).Length..],
            ["the prefix of the other token"] = (_, one, _) => (Prefix(one) == "qt." ? "at." : "qt.") + one[3..],
            ["the tag of another"] = (_, one, other) => Joined(one, Claims(one), Tag(other)),
            ["the claims of another"] = (_, one, other) => Joined(one, Claims(other), Tag(one)),
            ["claims and tag swapped"] = (_, one, _) => Joined(one, Tag(one), Claims(one)),
            ["claims changed"] = (random, one, _) => Joined(one, Encoded(Changed(random, Told(one))), Tag(one)),
            ["a strange key"] = (_, one, _) => Strange.Sign(Prefix(one), Told(one)),
            ["claims changed under a strange key"] = (random, one, _) => Strange.Sign(Prefix(one), Changed(random, Told(one))),
            ["a tag made up"] = (random, one, _) => Joined(one, Claims(one), Noise(random, TagBytes)),
            ["a tag too short or too long"] = (random, one, _) =>
                Joined(one, Claims(one), Noise(random, random.Next(2) == 0 ? random.Next(TagBytes) : random.Next(TagBytes + 1, 99))),
            ["noise"] = (random, one, _) => Prefix(one) + Noise(random, random.Next(300)) + "." + Noise(random, TagBytes),
        };

    private static string Prefix(string token) => token[..3];

    private static string Claims(string token) => token.Split('.')[1];

    private static string Tag(string token) => token.Split('.')[2];

    private static string Told(string token) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(Claims(token)));

    private static string Encoded(string claims) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));

    private static string Joined(string like, string claims, string tag) => $"{Prefix(like)}{claims}.{tag}";

    /// <summary>Another user, queue, ticket, nonce, role or end.</summary>
    private static string Changed(Random random, string claims)
    {
        var parts = claims.Split('|');
        ref var part = ref parts[random.Next(parts.Length)];
        part = long.TryParse(part, CultureInfo.InvariantCulture, out var number)
            ? (number + random.Next(1, 1_000_000)).ToString(CultureInfo.InvariantCulture)
            : part + Any(random);
        return string.Join('|', parts);
    }

    private static string Noise(Random random, int bytes)
    {
        var noise = new byte[bytes];
        random.NextBytes(noise);
        return Base64Url.EncodeToString(noise);
    }

    private static string Replaced(string text, int at, Func<char, char> letter) => $"{text[..at]}{letter(text[at])}{text[(at + 1)..]}";

    private static char Any(Random random) => Letters[random.Next(Letters.Length)];

    private static char Other(Random random, char letter) =>
        Letters[(Letters.IndexOf(letter, StringComparison.Ordinal) + random.Next(1, Letters.Length)) % Letters.Length];

    private static string Pick(Random random, params string[] choices) => choices[random.Next(choices.Length)];
}
