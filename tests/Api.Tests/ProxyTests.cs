using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OrleansConcert.Api.Hosting;
using Route = OrleansConcert.Api.Http.Route;

namespace OrleansConcert.Api.Tests;

/// <summary>Whose word is taken for where a request came from.</summary>
public sealed class ProxyTests
{
    [Theory]
    [InlineData("", "203.0.113.7", "https", "127.0.0.1 http")]
    [InlineData("10.0.0.1", "203.0.113.7", "https", "127.0.0.1 http")]
    [InlineData("127.0.0.1", "203.0.113.7", "https", "203.0.113.7 https")]
    [InlineData("127.0.0.1", "198.51.100.1, 203.0.113.7", "https", "203.0.113.7 https")]
    [InlineData("127.0.0.1", "not an address", "https", "127.0.0.1 http")]
    [InlineData("::1", "203.0.113.7", "https", "127.0.0.1 http")]
    public async Task Only_a_known_proxy_is_believed(string known, string address, string scheme, string seen)
    {
        var url = $"http://127.0.0.1:{FreePorts.Next()}";
        string[] proxies = known.Length == 0 ? [] : [$"--Concert:KnownProxies:0={known}"];
        await using var app = await ApiHost.Build(
            ["--environment=Development", "--Concert:Storage:Kind=Memory", "--Concert:Demo=false", $"--urls={url}", .. proxies],
            TimeProvider.System);
        app.MapGet("/peer", (HttpContext http) => $"{http.Connection.RemoteIpAddress} {http.Request.Scheme}")
            .WithMetadata(new Route(Gate.Open, (_, _, _) => null));
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new(url) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/peer");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme);
        using var answer = await client.SendAsync(request);
        Assert.Equal(seen, await answer.Content.ReadAsStringAsync());
        await app.StopAsync();
    }
}
