using System.Net.Http.Headers;
using System.Text;

namespace OrleansConcert.Api.Tests;

/// <summary>What clients can send that nobody should: each is told what is wrong, and none breaks anything.</summary>
[Collection(SharedServer.Name)]
public sealed class MalformedTests(Server server)
{
    private const string Path = "/v1/users/me/wallet/charges";

    public static TheoryData<string, string> Bodies => new()
    {
        { "", "not valid JSON" },
        { " ", "not valid JSON" },
        { "{", "not valid JSON" },
        { "nonsense", "not valid JSON" },
        { """{"amount":5""", "not valid JSON" },
        { """{"amount":5,}""", "not valid JSON" },
        { """{"amount":5}}""", "not valid JSON" },
        { """{"amount":5} {"amount":5}""", "not valid JSON" },
        { """{'amount':5}""", "not valid JSON" },
        { """{"amount":05}""", "not valid JSON" },
        { """{"amount":+5}""", "not valid JSON" },
        { """{"amount":NaN}""", "not valid JSON" },
        { """{"amount":/* five */5}""", "not valid JSON" },
        { "{\"amount\":5\0}", "not valid JSON" },
        { "\uFEFF{\"amount\":5}", "not valid JSON" },
        { "[]", "JSON object" },
        { "null", "JSON object" },
        { "5", "JSON object" },
        { """{"amount":5,"amount":6}""", "'amount' is there twice" },
        { """{"amount":5,"am\u006funt":6}""", "'amount' is there twice" },
        { """{"amount":5,"tip":1}""", "no member 'tip'" },
        { """{"Amount":5}""", "no member 'Amount'" },
        { """{"amount":"5"}""", "'amount' must be a whole number" },
        { """{"amount":true}""", "'amount' must be a whole number" },
        { """{"amount":[5]}""", "'amount' must be a whole number" },
        { """{"amount":{}}""", "'amount' must be a whole number" },
        { """{"amount":1.5}""", "'amount' must be a whole number" },
        { """{"amount":1e400}""", "'amount' must be a whole number" },
        { """{"\ud800":5}""", "surrogate" },
        { """{"x":"\udfff"}""", "surrogate" },
        { new string('[', 17) + new string(']', 17), "nested deeper" },
        { string.Concat(Enumerable.Repeat("{\"a\":", 30_000 / 5)), "nested deeper" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    [Reaches("MALFORMED_REQUEST")]
    public async Task A_body_that_is_not_what_it_should_be_is_told_why(string body, string why)
    {
        var got = (await server.Post(Path, await server.User(), body)).Is(ProblemCode.MalformedRequest);
        Assert.Contains(why, got.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_no_utf8_is_malformed()
    {
        byte[][] bodies = [[0xff, 0xfe], [.. "{\"amount"u8, 0xc3, .. "\":5}"u8], [.. "{\"x\":\""u8, 0xed, 0xa0, 0x80, .. "\"}"u8]];
        foreach (var bytes in bodies)
        {
            var got = await Raw(bytes, "application/json");
            Assert.Contains("UTF-8", got.Is(ProblemCode.MalformedRequest).Text("detail"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"amount":null}""")]
    public async Task What_is_missing_is_named(string body)
    {
        var got = (await server.Post(Path, await server.User(), body)).Is(ProblemCode.InvalidArgument);
        Assert.Equal("must be 1 to 100000000", got["errors"].GetProperty("amount")[0].GetString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/problem+json")]
    [Reaches("UNSUPPORTED_MEDIA_TYPE")]
    public async Task A_body_of_another_type_is_not_read(string? type) =>
        (await Raw("""{"amount":5}"""u8.ToArray(), type)).Is(ProblemCode.UnsupportedMediaType);

    [Theory]
    [InlineData("application/json")]
    [InlineData("APPLICATION/JSON; charset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    public async Task A_body_of_the_right_type_is_read(string type) =>
        (await Raw("""{"amount":5}"""u8.ToArray(), type)).Is(HttpStatusCode.Created);

    [Theory]
    [InlineData(65_536, false, HttpStatusCode.Created)]
    [InlineData(65_537, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(65_536, true, HttpStatusCode.Created)]
    [InlineData(65_537, true, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(900_000, false, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_has_at_most_64_KiB(int size, bool chunked, HttpStatusCode status)
    {
        var body = Encoding.UTF8.GetBytes("""{"amount":5}""".PadRight(size));
        (await Raw(body, "application/json", chunked)).Is(status);
    }

    [Fact]
    [Reaches("BODY_TOO_LARGE")]
    public async Task A_body_that_is_too_large_is_said_to_be() =>
        (await Raw(new byte[100_000], "application/json")).Is(ProblemCode.BodyTooLarge);

    /// <summary>Every call with odd paths, queries, headers and bodies: never a server error.</summary>
    [Fact]
    public async Task Nothing_that_a_client_sends_is_the_servers_fault()
    {
        string[] odd = ["%00", "%ff", "..", "%2e%2e%2f", "a%2fb", new string('x', 500), "%F0%9F%98%80", "'%20OR%201=1", "-", "1e9"];
        string[] bodies =
        [
            "", "{}", "[]", "null", """{"a":1}""", """{"seats":[null]}""", """{"sections":[{}],"startsAt":"0000"}""", "\"\0\"",
        ];
        var active = await server.Joins(await server.Queue());
        var admin = await server.Admin();
        foreach (var (method, path, gate) in server.Calls)
        {
            var who = gate is Gate.Admin ? admin : active;
            for (var index = 0; index < odd.Length; index++)
            {
                var url = System.Text.RegularExpressions.Regex.Replace(path, @"\{[^}]+\}", _ => odd[index]);
                var query = string.Join('&', new[] { "limit", "cursor", "date", "since" }.Select(name => $"{name}={odd[index]}"));
                var request = new HttpRequestMessage(new(method), $"{url}?{query}");
                who.Sign(request);
                request.Headers.TryAddWithoutValidation("Idempotency-Key", $"{index}{odd[index]}");
                request.Headers.TryAddWithoutValidation("If-None-Match", odd[index]);
                request.Headers.TryAddWithoutValidation("Accept", index % 3 == 0 ? "*/*" : $"{odd[index]}, */*");
                if (method is "POST" or "PUT")
                {
                    request.Content = new StringContent(bodies[index % bodies.Length], Encoding.UTF8, "application/json");
                }

                var got = await server.Send(request);
                Assert.True((int)got.Status < 500, $"{request}: {(int)got.Status}");
                Assert.True(
                    got.IsProblem || got.Response.IsSuccessStatusCode || method == "HEAD" || odd[index] is "%00" or "%ff",
                    $"{request}: {(int)got.Status}");
            }
        }
    }

    private async Task<Got> Raw(byte[] body, string? type, bool chunked = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = chunked ? new StreamContent(new Trickle(body)) : new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        (await server.User()).Sign(request);
        return await server.Send(request);
    }

    /// <summary>A stream that does not know its length, so that it is sent in chunks.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
