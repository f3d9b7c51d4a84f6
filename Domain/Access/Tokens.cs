using System.Globalization;

namespace OrleansConcert.Domain.Access;

/// <summary>What a queue token says: one user's place in one queue.</summary>
/// <param name="Nonce">Must be the one of the place; another is of a token that was replaced.</param>
public sealed record QueueToken(string QueueId, long Ticket, string UserId, uint Nonce)
{
    public const string Prefix = "qt.";

    public string Sign(KeyRing keys) =>
        keys.Sign(Prefix, string.Create(CultureInfo.InvariantCulture, $"{QueueId}|{Ticket}|{UserId}|{Nonce}"));

    /// <summary>The token, if it was signed by us; else null. Touches neither a grain nor the store.</summary>
    public static QueueToken? Verify(KeyRing keys, string text)
    {
        Span<Range> parts = stackalloc Range[5];
        return keys.Verify(Prefix, text) is { } claims && claims.AsSpan().Split(parts, '|') == 4
            && long.TryParse(claims.AsSpan(parts[1]), NumberStyles.None, CultureInfo.InvariantCulture, out var ticket)
            && uint.TryParse(claims.AsSpan(parts[3]), NumberStyles.None, CultureInfo.InvariantCulture, out var nonce)
            ? new(claims[parts[0]], ticket, claims[parts[2]], nonce)
            : null;
    }
}

/// <summary>What an access token says: this user is signed in, perhaps as an admin, until then.</summary>
public sealed record AccessToken(string UserId, bool IsAdmin, Instant ExpiresAt)
{
    public const string Prefix = "at.";

    /// <summary>The one role there is.</summary>
    public const string AdminRole = "admin";

    public string Sign(KeyRing keys) =>
        keys.Sign(Prefix, string.Create(CultureInfo.InvariantCulture, $"{UserId}|{(IsAdmin ? 1 : 0)}|{ExpiresAt.Milliseconds}"));

    /// <summary>The token, if it was signed by us (whether or not it has expired); else null.</summary>
    public static AccessToken? Verify(KeyRing keys, string text) =>
        keys.Verify(Prefix, text)?.Split('|') is [var user, var admin, var expires]
        && long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? new(user, admin == "1", new(milliseconds))
            : null;
}
