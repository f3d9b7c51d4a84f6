using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using OrleansConcert.Api.Problems;
using OrleansConcert.Api.Streams;

namespace OrleansConcert.Api.Http;

/// <summary>What a call answers, before anything of it is sent.</summary>
internal sealed record Reply(int Status, ReadOnlyMemory<byte> Json)
{
    /// <summary>Done, and nothing to say.</summary>
    public static readonly Reply NoContent = new(StatusCodes.Status204NoContent, default);

    /// <summary>Set where the call was refused; then there is no other body.</summary>
    public Problem? Problem { get; init; }

    /// <summary>Whether the bytes are those of the first answer to the same key.</summary>
    public bool Replayed { get; init; }

    /// <summary>The strong tag of the bytes, for answers that may be kept and asked about again.</summary>
    public string? ETag { get; init; }

    /// <summary>How the bytes are compressed, for answers of which the client chooses that; null for others.</summary>
    public string? Encoding { get; init; }

    /// <summary>What the answer goes on with; its status and headers are all that is known yet.</summary>
    public EventStream? Stream { get; init; }

    /// <summary>In how many seconds it is worth asking again.</summary>
    public int? RetryAfter { get; init; }

    public static implicit operator Reply(Problem problem) => new(problem.Code.Status, default)
    {
        Problem = problem,
        RetryAfter = problem.Code == ProblemCode.Unavailable ? 1 : null,
    };

    /// <summary>An answer of a grain, in the bytes that a repeat would get.</summary>
    public static Reply Of<T>(T view, int status = StatusCodes.Status200OK) => new(status, AnswerJson.Write(view));

    /// <summary>An answer that the edge made itself.</summary>
    public static Reply OfEdge<T>(T shape, int status = StatusCodes.Status200OK) => new(status, EdgeJson.Write(shape));

    /// <summary>A stream of events.</summary>
    public static Reply Of(EventStream stream) => new(StatusCodes.Status200OK, default) { Stream = stream };

    /// <summary>A token: says in its header too when to ask again.</summary>
    public static Reply OfToken(TokenView token, int status = StatusCodes.Status200OK) =>
        new(status, AnswerJson.Write(token)) { RetryAfter = (token.PollAfterMs + 999) / 1000 };

    /// <summary>An answer that was given to this very request before; not to another one under the same key.</summary>
    public static Reply Again(ReplayedAnswer answer, Repeat repeat) => answer.Fingerprint == repeat.Fingerprint
        ? new Reply(answer.Status, answer.Body.AsMemory()) { Replayed = true }
        : new Problem(ProblemCode.IdempotencyKeyReused, "This Idempotency-Key came with another path or body before.");

    /// <summary>The grain's yes, no, or what it said before.</summary>
    /// <param name="repeat">The key under which the grain was asked.</param>
    /// <param name="no">How its no is told; by default as any refusal.</param>
    public static Reply Of<T>(Answer<T> answer, Repeat? repeat, Func<Refused, Problem>? no = null)
        where T : class => answer switch
        {
            { Refused: { } refused } => (no ?? Refusals.ToProblem)(refused),
            { Replayed: { } replayed } => Again(replayed, repeat!),
            _ => Of(answer.Value!, answer.Status),
        };

    /// <summary>Sends it.</summary>
    public async Task Send(HttpContext http)
    {
        var response = http.Response;
        response.StatusCode = Status;
        response.Headers.CacheControl = ETag is null ? "no-store" : "private, no-cache";
        if (ETag is not null)
        {
            response.Headers.ETag = ETag;
        }

        if (Encoding is not null)
        {
            response.Headers.Vary = HeaderNames.AcceptEncoding;
            response.Headers.ContentEncoding = Encoding == Encodings.Identity ? default(StringValues) : Encoding;
        }

        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (Replayed)
        {
            response.Headers["Idempotency-Replayed"] = "true";
        }

        if (Stream is not null)
        {
            response.ContentType = ServerEvents.MediaType;
            response.Headers["X-Accel-Buffering"] = "no";
            return;
        }

        var body = Problem?.Write(http.Request.PathBase + http.Request.Path) ?? Json;
        if (Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
        {
            return;
        }

        response.ContentType = Problem is null ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            // Without a token, which would have to be made: where the client has gone, the server ends the write.
            await response.Body.WriteAsync(body, CancellationToken.None);
        }
    }
}
