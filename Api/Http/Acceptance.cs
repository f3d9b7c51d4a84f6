using Microsoft.Net.Http.Headers;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Http;

/// <summary>Whether a client takes JSON, which is all there is.</summary>
internal static class Acceptance
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>Why the client can't be answered, or null where it can.</summary>
    public static Reply? Refuse(HttpRequest request)
    {
        if (request.Headers.Accept.Count == 0
            || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges) || ranges.Count == 0)
        {
            return null;
        }

        // The most specific range that speaks of JSON decides (RFC 9110, 12.5.1).
        var best = ranges.Where(IncludesJson)
            .OrderByDescending(range => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2)
            .FirstOrDefault();
        return best is not null && best.Quality != 0
            ? (Reply?)null
            : new Problem(ProblemCode.NotAcceptable, "Accept must allow application/json.");
    }

    private static bool IncludesJson(MediaTypeHeaderValue range) =>
        range.MatchesAllTypes || (range.Type.Equals(Json.Type, StringComparison.OrdinalIgnoreCase)
            && (range.MatchesAllSubTypes || range.SubType.Equals(Json.SubType, StringComparison.OrdinalIgnoreCase)));
}
