namespace OrleansConcert.Api.Tests;

/// <summary>An answer, read to its end.</summary>
public sealed class Got
{
    public required HttpStatusCode Status { get; init; }

    public required byte[] Bytes { get; init; }

    public required HttpResponseMessage Response { get; init; }

    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;

    /// <summary>The problem's code, or null where it is none.</summary>
    public string? Code => IsProblem ? Json.GetProperty("code").GetString() : null;

    public bool IsProblem => Bytes.Length > 0 && Response.Content.Headers.ContentType?.MediaType == "application/problem+json";

    public bool IsReplayed => Response.Headers.TryGetValues("Idempotency-Replayed", out var values) && values.Single() == "true";

    public JsonElement this[string member] => Json.GetProperty(member);

    public string Text(string member) => this[member].GetString()!;

    /// <summary>The answer, which must be this.</summary>
    public Got Is(HttpStatusCode status)
    {
        Assert.True(status == Status, $"{(int)Status} instead of {(int)status}: {System.Text.Encoding.UTF8.GetString(Bytes)}");
        return this;
    }

    /// <summary>The answer, which must be this problem, told as RFC 9457 has it.</summary>
    public Got Is(ProblemCode code)
    {
        Assert.True(code.Code == Code, $"{Code ?? "no problem"} ({(int)Status}) instead of {code.Code}");
        Assert.Equal(code.Status, (int)Status);
        Assert.Equal(code.Status, this["status"].GetInt32());
        Assert.Equal(code.Type, Text("type"));
        Assert.Equal(code.Retryable, this["retryable"].GetBoolean());
        Assert.NotEmpty(Text("title"));
        Assert.NotEmpty(Text("detail"));
        Assert.Equal(Response.RequestMessage!.RequestUri!.AbsolutePath, Text("instance"));
        return this;
    }
}
