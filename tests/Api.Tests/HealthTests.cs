namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class HealthTests(Server server)
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task A_running_server_is_live_and_ready(string path) => (await server.Get(path)).Is(HttpStatusCode.OK);

    [Fact]
    [Succeeds("GET /health/live", "GET /health/ready")]
    public async Task Probes_are_answered_whatever_they_accept()
    {
        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Accept", "text/html");
            (await server.Send(request)).Is(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_head_says_what_a_get_would_without_the_body()
    {
        var got = await server.Send("HEAD", "/v1/concerts");
        Assert.Equal(HttpStatusCode.OK, got.Status);
        Assert.Empty(got.Bytes);
        Assert.True(got.Response.Content.Headers.ContentLength > 0);
    }

    [Fact]
    public async Task No_answer_says_what_serves_it()
    {
        var got = await server.Get("/v1/concerts");
        Assert.Empty(got.Response.Headers.Server);
        Assert.Equal("nosniff", got.Response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.True(got.Response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    [Reaches("NOT_FOUND")]
    public async Task An_unknown_path_is_a_problem() => (await server.Get("/v1/nothing")).Is(ProblemCode.NotFound);

    [Fact]
    [Reaches("METHOD_NOT_ALLOWED")]
    public async Task A_wrong_method_is_a_problem_that_says_which_are_right()
    {
        var got = (await server.Send("DELETE", "/v1/concerts")).Is(ProblemCode.MethodNotAllowed);
        Assert.Equal(["GET", "HEAD"], got.Response.Content.Headers.Allow);
    }

    [Fact]
    [Reaches("NOT_ACCEPTABLE")]
    public async Task Who_takes_no_json_gets_none()
    {
        foreach (var accept in new[] { "text/html", "application/json;q=0", "*/*, application/json;q=0", "image/*" })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, "/v1/concerts");
            request.Headers.TryAddWithoutValidation("Accept", accept);
            (await server.Send(request)).Is(ProblemCode.NotAcceptable);
        }
    }

    [Theory]
    [InlineData("*/*")]
    [InlineData("application/*")]
    [InlineData("text/html, */*;q=0.1")]
    [InlineData("APPLICATION/JSON")]
    [InlineData("not a media type")]
    public async Task Who_takes_json_among_others_gets_it(string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/concerts");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        (await server.Send(request)).Is(HttpStatusCode.OK);
    }
}
