using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Http;

/// <summary>What is around the calls: the headers that every answer has, and the answers where there is no call to make.</summary>
internal static class Outskirts
{
    /// <summary>Adds the headers, and says as a problem what routing says with a bare status.</summary>
    public static async Task Serve(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(http);
        }
        catch (Exception) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            // Logged where it happened; a client learns nothing of the inside.
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        if (!http.Response.HasStarted && http.Response.ContentType is null && Bare(http) is { } problem)
        {
            await ((Reply)problem).Send(http);
        }
    }

    /// <summary>A route without a gate is no route: nothing is open by being forgotten.</summary>
    public static Task RefuseUngated(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint() is RouteEndpoint route && route.Metadata.GetMetadata<Route>() is null)
        {
            http.SetEndpoint(null);
        }

        return next(http);
    }

    private static Problem? Bare(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => new(ProblemCode.NotFound, "There is nothing under this path."),
        StatusCodes.Status405MethodNotAllowed => new(
            ProblemCode.MethodNotAllowed, $"This path takes {http.Response.Headers.Allow}, not {http.Request.Method}."),
        _ => null,
    };
}
