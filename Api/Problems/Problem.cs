using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansConcert.Api.Problems;

/// <summary>A refusal on its way out: its code, a sentence that says what is wrong and what is allowed, and its particulars.</summary>
public sealed record Problem(ProblemCode Code, string Detail)
{
    private static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private ImmutableArray<(string Name, JsonNode Value)> _members = [];

    /// <summary>The same with one more member. Null is left out.</summary>
    public Problem With(string name, JsonNode? value) =>
        value is null ? this : this with { _members = _members.Add((name, value)) };

    public Problem With(string name, Instant? value) => With(name, (JsonNode?)value?.ToString());

    public Problem With(string name, IEnumerable<string> values) =>
        With(name, new JsonArray([.. values.Select(value => (JsonNode?)value)]));

    /// <summary>One argument that is missing, unknown or out of bounds.</summary>
    public static Problem OfArgument(string name, string allowed) => OfArguments([(name, allowed)]);

    /// <summary>Arguments that are missing, unknown or out of bounds, each with what is allowed.</summary>
    public static Problem OfArguments(IReadOnlyCollection<(string Name, string Allowed)> errors)
    {
        var byName = new JsonObject();
        foreach (var group in errors.GroupBy(error => error.Name, error => error.Allowed))
        {
            byName[group.Key] = new JsonArray([.. group.Select(allowed => (JsonNode?)$"must be {allowed}")]);
        }

        var sentence = string.Join("; ", errors.Select(error => $"{error.Name} must be {error.Allowed}"));
        return new Problem(ProblemCode.InvalidArgument, sentence + ".").With("errors", byName);
    }

    /// <summary>The document, as RFC 9457 has it.</summary>
    /// <param name="instance">The path that was asked for.</param>
    public ReadOnlyMemory<byte> Write(string instance)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer, Written);
        writer.WriteStartObject();
        writer.WriteString("type", Code.Type);
        writer.WriteString("title", Code.Title);
        writer.WriteNumber("status", Code.Status);
        writer.WriteString("detail", Detail);
        writer.WriteString("instance", instance);
        writer.WriteString("code", Code.Code);
        writer.WriteBoolean("retryable", Code.Retryable);
        foreach (var (name, value) in _members)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
