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

    private static readonly Problem Forged =
        new(ProblemCode.TokenInvalid, "The queue token was not issued by this server, or was altered.");

    private static readonly Problem Different = new(ProblemCode.TokenNotYours, "The two queue tokens are not the same.");

    /// <summary>The caller, and what is wrong with the credentials that were sent (then only the token is told, if genuine).</summary>
    public (Caller Caller, Problem? Wrong) Read(IHeaderDictionary headers)
    {
        var bearer = Bearer(headers.Authorization);
        var texts = headers[QueueTokenHeader];
        if (bearer?.StartsWith(QueueToken.Prefix, StringComparison.Ordinal) == true)
        {
            texts = StringValues.Concat(texts, bearer);
            bearer = null;
        }

        var (token, wrong) = Verify(texts);
        var caller = new Caller
        {
            Token = token,
            TokenText = texts is [{ } first, ..] ? first : "",
            OperatorKey = headers[OperatorKeyHeader] is [{ } key] ? key : null,
        };
        return SignedIn(caller, bearer, wrong);
    }

    /// <summary>The first genuine one of the queue tokens; they must be all genuine and the same.</summary>
    private (QueueToken? Token, Problem? Wrong) Verify(StringValues texts)
    {
        var (genuine, isForged, isAnother) = ((QueueToken?)null, false, false);
        foreach (var text in texts)
        {
            var token = QueueToken.Verify(keys, text ?? "");
            isForged |= token is null;
            isAnother |= genuine is not null && token is not null && token != genuine;
            genuine ??= token;
        }

        return (genuine, isForged ? Forged : isAnother ? Different : null);
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
