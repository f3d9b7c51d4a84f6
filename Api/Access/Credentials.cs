using Microsoft.Extensions.Primitives;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Access;

namespace OrleansConcert.Api.Access;

/// <summary>Reads who is asking from a request's headers. Touches neither a grain nor the store.</summary>
internal sealed class Credentials(KeyRing keys, TimeProvider time)
{
    private const string QueueTokenHeader = "Queue-Token";
    private const string OperatorKeyHeader = "Operator-Key";
    private const string Scheme = "Bearer ";

    /// <summary>The caller, and what is wrong with the credentials that were sent (then only the token is told, if genuine).</summary>
    public (Caller Caller, Problem? Wrong) Read(IHeaderDictionary headers)
    {
        var bearer = Bearer(headers.Authorization);
        var ticketText = headers[QueueTokenHeader];
        var texts = new List<string>(2);
        texts.AddRange(ticketText.Where(text => text is not null)!);
        if (bearer?.StartsWith(QueueToken.Prefix, StringComparison.Ordinal) == true)
        {
            texts.Add(bearer);
            bearer = null;
        }

        var tokens = texts.ConvertAll(text => QueueToken.Verify(keys, text));
        var caller = new Caller
        {
            Token = tokens.Find(token => token is not null),
            TokenText = texts.Count > 0 ? texts[0] : "",
            OperatorKey = headers[OperatorKeyHeader] is [{ } key] ? key : null,
        };
        var wrong = tokens.Contains(null)
            ? new Problem(ProblemCode.TokenInvalid, "The queue token was not issued by this server, or was altered.")
            : tokens.Distinct().Count() > 1
                ? new Problem(ProblemCode.TokenNotYours, "The two queue tokens are not the same.")
                : null;
        return SignedIn(caller, bearer, wrong);
    }

    private (Caller Caller, Problem? Wrong) SignedIn(Caller caller, string? bearer, Problem? wrong)
    {
        if (bearer is null)
        {
            return (caller, wrong);
        }

        if (AccessToken.Verify(keys, bearer) is not { } access)
        {
            return (caller, new(ProblemCode.AccessTokenInvalid, "Authorization must be 'Bearer' and a token issued by this server."));
        }

        if (access.ExpiresAt <= Instant.From(time.GetUtcNow()))
        {
            return (caller, new(ProblemCode.AccessTokenExpired, $"The access token expired at {access.ExpiresAt}; sign in again."));
        }

        wrong ??= caller.Token is { } token && token.UserId != access.UserId
            ? new(ProblemCode.TokenNotYours, "The queue token and the access token name different users.")
            : null;
        return (caller with { Access = access }, wrong);
    }

    /// <summary>What follows <c>Bearer</c>, empty where something else was sent, null where nothing was.</summary>
    private static string? Bearer(StringValues authorization) => authorization switch
    {
        [] => null,
        [{ } text] when text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) => text[Scheme.Length..].Trim(),
        _ => "",
    };
}
