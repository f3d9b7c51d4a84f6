using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Http;

/// <summary>A request's body, whole and raw: a repeat is known by its bytes. It is looked into after the gate only.</summary>
internal sealed class Body
{
    /// <summary>A longer body is refused.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int MaxDepth = 16;

    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = MaxDepth,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
    };

    private readonly string? _contentType;
    private readonly bool _tooLarge;

    private Body(ReadOnlyMemory<byte> bytes, string? contentType, bool tooLarge)
    {
        Bytes = bytes;
        _contentType = contentType;
        _tooLarge = tooLarge;
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Reads all of it, or finds out that it is too large.</summary>
    public static async Task<Body> Read(HttpRequest request, CancellationToken stop)
    {
        var contentType = request.ContentType;
        var canHaveBody = request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody;
        if (canHaveBody == false)
        {
            return new(default, contentType, false);
        }

        if (request.ContentLength > MaxBytes)
        {
            return new(default, contentType, true);
        }

        var buffer = new ArrayBufferWriter<byte>((int)(request.ContentLength ?? 1024) + 1);
        int read;
        do
        {
            read = await request.Body.ReadAsync(buffer.GetMemory(1), stop);
            buffer.Advance(read);
        }
        while (read > 0 && buffer.WrittenCount <= MaxBytes);

        return new(buffer.WrittenMemory, contentType, buffer.WrittenCount > MaxBytes);
    }

    /// <summary>The members of the body, or what is wrong with it.</summary>
    /// <param name="optional">Whether no body at all says the same as an empty object.</param>
    public Fields Fields(bool optional, Faults faults)
    {
        if (_tooLarge)
        {
            faults.Fail(new(ProblemCode.BodyTooLarge, $"The body must be at most {MaxBytes} bytes."));
            return Http.Fields.None(faults);
        }

        if (optional && Bytes.IsEmpty)
        {
            return Http.Fields.None(faults);
        }

        if (!IsJson(_contentType))
        {
            faults.Fail(new(ProblemCode.UnsupportedMediaType, "The body must be sent as application/json in UTF-8."));
            return Http.Fields.None(faults);
        }

        return Parse(faults) is { } root ? new(root, "", faults) : Http.Fields.None(faults);
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));

    private JsonElement? Parse(Faults faults)
    {
        if (!Utf8.IsValid(Bytes.Span))
        {
            faults.Malformed("The body is not UTF-8.");
            return null;
        }

        try
        {
            // The document is not disposed: it is small, and its elements outlive this call.
            var root = JsonDocument.Parse(Bytes, Strict).RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                faults.Malformed("The body must be a JSON object.");
                return null;
            }

            if (NamedTwice(root) is { } name)
            {
                faults.Malformed($"The member '{name}' is there twice.");
                return null;
            }

            return root;
        }
        catch (JsonException exception)
        {
            faults.Malformed(
                $"The body is not valid JSON, or nested deeper than {MaxDepth}: "
                + $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            faults.Malformed("A text in the body has half of a surrogate pair.");
        }

        return null;
    }

    /// <summary>
    /// The first member that is named twice in its object, or null. Reads every text, so that one that is no Unicode throws here
    /// and nowhere later.
    /// </summary>
    private static string? NamedTwice(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                return null;
            case JsonValueKind.Array:
                return element.EnumerateArray().Select(NamedTwice).FirstOrDefault(name => name is not null);
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                return element.EnumerateObject()
                    .Select(member => names.Add(member.Name) ? NamedTwice(member.Value) : member.Name)
                    .FirstOrDefault(name => name is not null);
            default:
                return null;
        }
    }
}
