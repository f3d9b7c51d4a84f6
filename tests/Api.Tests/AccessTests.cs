using Microsoft.Extensions.DependencyInjection;
using OrleansConcert.Domain;
using OrleansConcert.Domain.Access;

namespace OrleansConcert.Api.Tests;

[Collection(SharedServer.Name)]
public sealed class AccessTests(Server server)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    [Fact]
    [Succeeds("POST /v1/access-tokens")]
    public async Task The_operator_signs_users_in()
    {
        var got = (await Issue("dev", """{"userId":"a.b_c-1"}""")).Is(HttpStatusCode.Created);
        Assert.Equal(server.Now + Lifetime, got["expiresAt"].GetDateTimeOffset());
        (await server.Get("/v1/users/me/wallet", new("a.b_c-1") { Access = got.Text("accessToken") })).Is(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("DEV")]
    [InlineData("dev2")]
    [Reaches("OPERATOR_KEY_INVALID")]
    public async Task Nobody_else_does(string? key) =>
        (await Issue(key, """{"userId":"alice"}""")).Is(ProblemCode.OperatorKeyInvalid);

    [Theory]
    [InlineData("""{}""", "userId")]
    [InlineData("""{"userId":""}""", "userId")]
    [InlineData("""{"userId":"a b"}""", "userId")]
    [InlineData("""{"userId":"a|b"}""", "userId")]
    [InlineData("""{"userId":"a","roles":["root"]}""", "roles")]
    public async Task An_impossible_user_is_refused(string json, string member) =>
        Assert.True((await Issue("dev", json)).Is(ProblemCode.InvalidArgument)["errors"].TryGetProperty(member, out _));

    [Fact]
    [Reaches("TOKEN_MISSING")]
    public async Task Who_shows_nothing_is_asked_to() => (await server.Get("/v1/users/me/wallet")).Is(ProblemCode.TokenMissing);

    [Theory]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer ")]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer at.YWxpY2V8MXw5OTk5OTk5OTk5OTk5.AAAA")]
    [Reaches("ACCESS_TOKEN_INVALID")]
    public async Task An_access_token_that_is_not_ours_is_refused(string authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/users/me/wallet");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        (await server.Send(request)).Is(ProblemCode.AccessTokenInvalid);
    }

    [Fact]
    public async Task No_altered_token_is_taken_for_genuine()
    {
        var user = await server.User();
        for (var index = 0; index < user.Access!.Length; index += 7)
        {
            var altered = user.Access.ToCharArray();
            altered[index] = altered[index] == 'A' ? 'B' : 'A';
            var got = await server.Get("/v1/users/me/wallet", user with { Access = new(altered) });
            Assert.True(got.Code is "ACCESS_TOKEN_INVALID" or "TOKEN_INVALID", got.Code);
        }
    }

    [Fact]
    [Reaches("ACCESS_TOKEN_EXPIRED")]
    public async Task An_access_token_ends_at_its_very_instant()
    {
        var keys = server.App.Services.GetRequiredService<KeyRing>();
        Visitor Until(DateTimeOffset end) => new("alice") { Access = new AccessToken("alice", false, Instant.From(end)).Sign(keys) };

        (await server.Get("/v1/users/me/wallet", Until(server.Now.AddMilliseconds(1)))).Is(HttpStatusCode.OK);
        (await server.Get("/v1/users/me/wallet", Until(server.Now))).Is(ProblemCode.AccessTokenExpired);
    }

    [Theory]
    [InlineData("qt.nonsense")]
    [InlineData("qt.")]
    [InlineData("nonsense")]
    [InlineData("qt.bWFpbnwxfGFsaWNlfDE.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [Reaches("TOKEN_INVALID")]
    public async Task A_queue_token_that_is_not_ours_is_refused(string token)
    {
        (await server.Get("/v1/queue-tokens/me", new("alice") { Token = token })).Is(ProblemCode.TokenInvalid);
        (await server.Get("/v1/users/me/wallet", await server.User() with { Token = token })).Is(ProblemCode.TokenInvalid);
    }

    [Fact]
    public async Task A_queue_token_alone_may_be_sent_as_bearer()
    {
        var visitor = await server.Joins(await server.Queue());
        (await server.Get("/v1/queue-tokens/me", new(visitor.UserId) { Access = visitor.Token })).Is(HttpStatusCode.OK);
    }

    [Fact]
    [Reaches("TOKEN_NOT_YOURS")]
    public async Task Both_credentials_must_name_the_same_user()
    {
        var visitor = await server.Joins(await server.Queue());
        var other = await server.User();
        (await server.Get("/v1/queue-tokens/me", visitor with { Access = other.Access })).Is(ProblemCode.TokenNotYours);
    }

    [Fact]
    public async Task An_ended_queue_token_does_no_harm_beside_an_access_token()
    {
        var gone = await server.Gone(await server.Queue());
        (await server.Get("/v1/users/me/wallet", gone)).Is(HttpStatusCode.OK);
        (await server.Get("/v1/users/me/wallet", gone.OnlyToken)).Is(ProblemCode.TokenEnded);
        (await server.Get("/v1/queue-tokens/me", gone)).Is(ProblemCode.TokenEnded);
    }

    [Fact]
    [Reaches("ADMIN_ONLY")]
    public async Task Only_admins_manage()
    {
        (await server.Get("/v1/admin/queues", await server.User())).Is(ProblemCode.AdminOnly);
        (await server.Get("/v1/admin/queues", (await server.Joins(await server.Queue())).OnlyToken)).Is(ProblemCode.AdminOnly);
    }

    [Fact]
    [Reaches("USER_NOT_FOUND")]
    [Succeeds("POST /v1/admin/users", "DELETE /v1/admin/users/{userId}")]
    public async Task Where_registration_is_required_only_the_registered_get_in()
    {
        await using var own = new Disposing(await Server.Start("--Concert:Users:Registration=Required"));
        var admin = await own.Server.Admin();
        var unknown = await own.Server.Post("/v1/access-tokens", new Visitor("bob"));
        Assert.Equal("OPERATOR_KEY_INVALID", unknown.Code);
        (await Issue("dev", """{"userId":"bob"}""", own.Server)).Is(ProblemCode.UserNotFound);

        (await own.Server.Post("/v1/admin/users", admin, """{"userId":"bob"}""")).Is(HttpStatusCode.Created);
        (await own.Server.Post("/v1/admin/users", admin, """{"userId":"bob"}""")).Is(HttpStatusCode.OK);
        var bob = await own.Server.Joins("main", await own.Server.User("bob"));
        (await own.Server.Get("/v1/users/me/wallet", bob)).Is(HttpStatusCode.OK);

        (await own.Server.Send("DELETE", "/v1/admin/users/bob", admin)).Is(HttpStatusCode.NoContent);
        (await own.Server.Get("/v1/users/me/wallet", bob)).Is(ProblemCode.UserNotFound);
        (await own.Server.Get("/v1/queue-tokens/me", bob.OnlyToken)).Is(ProblemCode.UserNotFound);
        (await own.Server.Send("DELETE", "/v1/admin/users/a%20b", admin)).Is(ProblemCode.UserNotFound);
    }

    private Task<Got> Issue(string? key, string json, Server? at = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/access-tokens") { Content = new StringContent(json) };
        request.Content.Headers.ContentType = new("application/json");
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Operator-Key", key);
        }

        return (at ?? server).Send(request);
    }
}

/// <summary>A server of a test's own, stopped at the end of the test.</summary>
internal sealed class Disposing(Server server) : IAsyncDisposable
{
    public Server Server { get; } = server;

    public ValueTask DisposeAsync() => new(Server.DisposeAsync());
}
