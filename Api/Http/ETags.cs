using Microsoft.Net.Http.Headers;

namespace OrleansConcert.Api.Http;

/// <summary>Whether a client holds an answer already.</summary>
internal static class ETags
{
    /// <summary>Compares weakly, as RFC 9110 has it for If-None-Match.</summary>
    public static bool Match(string ifNoneMatch, string tag)
    {
        if (ifNoneMatch.Length == 0 || !EntityTagHeaderValue.TryParseList([ifNoneMatch], out var tags))
        {
            return false;
        }

        var own = EntityTagHeaderValue.Parse(tag);
        return tags.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(own, useStrongComparison: false));
    }
}
