using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansConcert.Api.Hosting;
using OrleansConcert.Api.Http;
using OrleansConcert.Api.Streams;
using Route = OrleansConcert.Api.Http.Route;

namespace OrleansConcert.Api.Tests;

/// <summary>The real server on a loopback port, on a store in memory and a clock that the tests move.</summary>
public sealed partial class Server : IAsyncLifetime
{
    private static int _names;

    private readonly string[] _args;
    private readonly Action<IServiceCollection> _adjust;
    private IReadOnlyList<(string Call, Regex Path)> _calls = [];

    public Server()
        : this([], _ => { })
    {
    }

    private Server(string[] args, Action<IServiceCollection> adjust) => (_args, _adjust) = (args, adjust);

    public FakeTime Time { get; } = new();

    public WebApplication App { get; private set; } = null!;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Every call that can be made: <c>GET /v1/concerts</c>, and its gate.</summary>
    public IReadOnlyList<(string Method, string Path, Gate Gate)> Calls { get; private set; } = [];

    public IEnumerable<Endpoint> Endpoints => ((IEndpointRouteBuilder)App).DataSources.SelectMany(source => source.Endpoints);

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>A server with other settings than the shared one.</summary>
    public static Task<Server> Start(params string[] args) => Start(_ => { }, args);

    /// <summary>A server with other settings and services than the shared one.</summary>
    public static async Task<Server> Start(Action<IServiceCollection> adjust, params string[] args)
    {
        var server = new Server(args, adjust);
        await server.InitializeAsync();
        return server;
    }

    /// <summary>A name that no other test uses.</summary>
    public static string New(string kind) => $"{kind}-{Interlocked.Increment(ref _names)}";

    public async Task InitializeAsync()
    {
        var url = $"http://127.0.0.1:{FreePorts.Next()}";
        App = await ApiHost.Build(
            ["--environment=Development", .. await StoreOfTests.InMemory(), "--Concert:Demo=false", $"--urls={url}", .. _args],
            Time,
            _adjust);
        await App.StartAsync();
        Client = new() { BaseAddress = new(url), Timeout = TimeSpan.FromSeconds(30) };
        Calls = [.. Endpoints.OfType<RouteEndpoint>().SelectMany(
            endpoint => endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Select(method => (
                method, endpoint.RoutePattern.RawText!, endpoint.Metadata.GetRequiredMetadata<Route>().Gate)))];
        _calls = [.. Calls.Select(call => (
            $"{call.Method} {call.Path}", new Regex($"^{Parameter().Replace(call.Path, "[^/]+")}$", RegexOptions.CultureInvariant)))];
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }

    /// <summary>Sends any request, and notes what came of it.</summary>
    public async Task<Got> Send(HttpRequestMessage request)
    {
        var path = request.RequestUri!.OriginalString.Split('?')[0];
        var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var bytes = Array.Empty<byte>();
        if (response.Content.Headers.ContentType?.MediaType == ServerEvents.MediaType)
        {
            // It has no end: that it begins is all that is wanted here.
            response.Dispose();
        }
        else
        {
            bytes = await response.Content.ReadAsByteArrayAsync();
        }

        var got = new Got { Status = response.StatusCode, Bytes = bytes, Response = response };
        if (got.Code is { } code)
        {
            Observed.Code(code);
        }

        if (response.IsSuccessStatusCode)
        {
            Note(request.Method, path);
        }

        return got;
    }

    /// <summary>Notes that the call of that path was a success.</summary>
    public void Note(HttpMethod method, string path)
    {
        foreach (var (call, pattern) in _calls)
        {
            if (call.StartsWith(method + " ", StringComparison.Ordinal) && pattern.IsMatch(path.Split('?')[0]))
            {
                Observed.Success(call);
            }
        }
    }

    /// <summary>Sends a request as a visitor, with a JSON body or none.</summary>
    public Task<Got> Send(string method, string path, Visitor? visitor = null, string? json = null, string? key = null)
    {
        var request = new HttpRequestMessage(new(method), path);
        visitor?.Sign(request);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return Send(request);
    }

    public Task<Got> Get(string path, Visitor? visitor = null) => Send("GET", path, visitor);

    public Task<Got> Post(string path, Visitor? visitor = null, string? json = null, string? key = null) =>
        Send("POST", path, visitor, json, key);

    /// <summary>Asks again until the answer is as wanted: for what may lag behind by a moment.</summary>
    public static async Task<Got> Until(Func<Task<Got>> ask, Func<Got, bool> wanted)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            var got = await ask();
            if (wanted(got))
            {
                return got;
            }

            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(10), $"Never came: {Encoding.UTF8.GetString(got.Bytes)}");
        }
    }

    /// <summary>Waits until so many calls are being answered.</summary>
    public async Task Until(int inFlight)
    {
        var edge = App.Services.GetRequiredService<Edge>();
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while (edge.InFlight != inFlight)
        {
            await Task.Yield();
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(10), $"{edge.InFlight} calls are being answered, not {inFlight}.");
        }
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}

/// <summary>The tests that share one server; each uses names of its own.</summary>
[CollectionDefinition(Name)]
public sealed class SharedServer : ICollectionFixture<Server>
{
    public const string Name = "One server";
}
