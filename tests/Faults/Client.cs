using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace OrleansConcert.Faults;

/// <summary>One call of the HTTP contract, ready to be sent as often as it takes.</summary>
internal sealed record Request(HttpMethod Method, string Path)
{
    public string? Body { get; init; }

    public string? Access { get; init; }

    public string? Queue { get; init; }

    public string? Key { get; init; }
}

/// <summary>An answer as it came.</summary>
internal sealed record Reply(int Status, byte[] Bytes, bool Replayed)
{
    /// <summary>What <c>Retry-After</c> says, in seconds.</summary>
    public double? RetryAfter { get; init; }

    /// <summary>What the bytes are.</summary>
    public string? Type { get; init; }

    public bool IsSuccess => Status is >= 200 and < 300;

    public JsonElement Json => JsonElement.Parse(Bytes);

    /// <summary>The code of the problem; empty where there is none.</summary>
    public string Code => IsSuccess ? "" : Json.Text("code");

    /// <summary>Nobody knows yet what became of it: the same call is to be sent again.</summary>
    public bool IsOpen => Status == 503 || Code is "IDEMPOTENCY_IN_PROGRESS" or "PAYMENT_IN_PROGRESS";

    /// <summary>The seats that a refusal names.</summary>
    public IReadOnlyList<string> RefusedSeats => [.. Json.GetProperty("seats").EnumerateArray().Select(seat => seat.GetString()!)];

    public override string ToString() => $"{Status} {Encoding.UTF8.GetString(Bytes)}";
}

/// <summary>Speaks HTTP to one server.</summary>
/// <param name="seen">Learns of every call, answered or not, and when it was sent, by the monotonic counter.</param>
internal sealed class Client(Uri address, Action<Request, Reply?, long>? seen = null) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = Patience };

    /// <summary>Sends it; null where no answer came, whatever became of it there.</summary>
    /// <param name="gone">When the client closes the connection, answered or not.</param>
    public async Task<Reply?> Send(Request request, CancellationToken gone = default)
    {
        var asked = Stopwatch.GetTimestamp();
        var reply = await Answer(request, gone);
        seen?.Invoke(request, reply, asked);
        return reply;
    }

    /// <summary>Sends what must succeed, until it is answered.</summary>
    public async Task<JsonElement> Ask(Request request)
    {
        for (var attempts = 0; ; attempts++)
        {
            var reply = await Send(request);
            if (reply is { IsSuccess: true })
            {
                return reply.Bytes.Length == 0 ? default : reply.Json;
            }

            Assert.True(attempts < 200 && reply is null or { IsOpen: true }, $"{request.Method} {request.Path}: {reply}");
            await Task.Delay(10);
        }
    }

    /// <summary>All pages of a list, newest first.</summary>
    public async Task<List<JsonElement>> All(string path, string member, string access)
    {
        var all = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await Ask(new(HttpMethod.Get, $"{path}?limit=100{cursor}") { Access = access });
            all.AddRange(page.GetProperty(member).EnumerateArray());
            cursor = page.TryGetProperty("nextCursor", out var next) && next.GetString() is { } text ? $"&cursor={text}" : null;
        }

        return all;
    }

    /// <summary>The credential of a user.</summary>
    public async Task<string> SignIn(string userId, bool admin = false)
    {
        var roles = admin ? "[\"admin\"]" : "[]";
        var body = $$"""{"userId":"{{userId}}","roles":{{roles}}}""";
        return (await Ask(new(HttpMethod.Post, "/v1/access-tokens") { Body = body })).Text("accessToken");
    }

    /// <summary>Puts 1,000 into the wallet, once however often it is sent under that key.</summary>
    public Task<Reply?> Charge(string access, string key) =>
        Send(new(HttpMethod.Post, "/v1/users/me/wallet/charges") { Access = access, Key = key, Body = """{"amount":1000}""" });

    /// <summary>Signs that many in, of names of their own.</summary>
    public Task<string[]> SignInSeveral(int count) =>
        Task.WhenAll(Enumerable.Range(1, count).Select(number => SignIn($"user-{number}")));

    public void Dispose() => _http.Dispose();

    private async Task<Reply?> Answer(Request request, CancellationToken gone)
    {
        using var message = new HttpRequestMessage(request.Method, request.Path);
        message.Content = request.Body is { } body ? new StringContent(body, Encoding.UTF8, "application/json") : null;
        message.Headers.Authorization = request.Access is { } access ? new AuthenticationHeaderValue("Bearer", access) : null;
        Add(message, "Queue-Token", request.Queue);
        Add(message, "Idempotency-Key", request.Key);
        Add(message, "Operator-Key", request.Access is null ? "dev" : null);
        try
        {
            using var answer = await _http.SendAsync(message, gone);
            var bytes = await answer.Content.ReadAsByteArrayAsync(gone);
            return new((int)answer.StatusCode, bytes, answer.Headers.Contains("Idempotency-Replayed"))
            {
                Type = answer.Content.Headers.ContentType?.ToString(),
                RetryAfter = answer.Headers.RetryAfter?.Delta?.TotalSeconds,
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException
            or SocketException)
        {
            // A connection that is reset while it is made is told as it is.
            return null;
        }
    }

    private static void Add(HttpRequestMessage message, string header, string? value)
    {
        if (value is not null)
        {
            message.Headers.Add(header, value);
        }
    }
}

/// <summary>Short words for members of answers.</summary>
internal static class Members
{
    public static string Text(this JsonElement json, string member) =>
        json.TryGetProperty(member, out var value) ? value.GetString() ?? "" : "";

    public static long Number(this JsonElement json, string member) => json.GetProperty(member).GetInt64();

    public static DateTimeOffset Time(this JsonElement json, string member) => json.GetProperty(member).GetDateTimeOffset();

    /// <summary>The names of the seats, in the order given.</summary>
    public static List<string> Seats(this JsonElement json) =>
        [.. json.GetProperty("seats").EnumerateArray().Select(seat => seat.Text("seatId"))];
}
