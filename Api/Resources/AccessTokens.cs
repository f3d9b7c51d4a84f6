using OrleansConcert.Api.Access;
using OrleansConcert.Api.Hosting;
using OrleansConcert.Domain.Access;

namespace OrleansConcert.Api.Resources;

/// <summary>Access tokens: the operator's own site signs its users in.</summary>
internal sealed class AccessTokens(KeyRing keys, TimeProvider time, Settings settings, Gatekeeper gatekeeper) : IResource
{
    public void Map(Routes routes) => routes.Post("/v1/access-tokens", Gate.Operator, Read, Issue);

    private static (string UserId, bool IsAdmin) Read(Fields fields)
    {
        fields.Only("userId", "roles");
        var roles = fields.Texts("roles") ?? [];
        if (roles.Any(role => role != AccessToken.AdminRole))
        {
            fields.Fault("roles", $"a list of '{AccessToken.AdminRole}' or nothing");
        }

        return (fields.Named("userId", Names.IsUserId, Names.UserIdRule), !roles.IsEmpty);
    }

    private async Task<Reply> Issue(Call call, (string UserId, bool IsAdmin) wanted)
    {
        if (!wanted.IsAdmin && await gatekeeper.Unregistered(wanted.UserId) is { } unregistered)
        {
            return unregistered;
        }

        var token = new AccessToken(
            wanted.UserId, wanted.IsAdmin, Instant.From(time.GetUtcNow()) + settings.AccessTokenLifetime);
        return Reply.OfEdge(new AccessTokenShape(token.Sign(keys), token.ExpiresAt), StatusCodes.Status201Created);
    }
}
