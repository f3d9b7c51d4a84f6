using Microsoft.Net.Http.Headers;
using OrleansConcert.Api.Problems;
using OrleansConcert.Api.Streams;

namespace OrleansConcert.Api.Http;

/// <summary>Whether a client takes what a call answers with: JSON, or a stream of events.</summary>
internal static class Acceptance
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue Events = new(ServerEvents.MediaType);

    /// <summary>Why the client can't be answered, or null where it can.</summary>
    public static Reply? Refuse(HttpRequest request, Route route)
    {
        var type = route.IsStream ? Events : Json;
        if (request.Headers.Accept.Count == 0
            || !MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges) || ranges.Count == 0)
        {
            return null;
        }

        // The most specific range that speaks of it decides (RFC 9110, 12.5.1).
        var best = ranges.Where(range => Includes(range, type))
            .OrderByDescending(range => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2)
            .FirstOrDefault();
        return best is not null && best.Quality != 0
            ? (Reply?)null
            : new Problem(ProblemCode.NotAcceptable, $"Accept must allow {type}.");
    }

    private static bool Includes(MediaTypeHeaderValue range, MediaTypeHeaderValue type) =>
        range.MatchesAllTypes || (range.Type.Equals(type.Type, StringComparison.OrdinalIgnoreCase)
            && (range.MatchesAllSubTypes || range.SubType.Equals(type.SubType, StringComparison.OrdinalIgnoreCase)));
}
