using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Resources;

/// <summary>Who may use the server where users must be registered.</summary>
internal sealed class AdminUsers(IGrainFactory grains) : IResource
{
    public void Map(Routes routes)
    {
        routes.Post(
            "/v1/admin/users", Gate.Admin, fields => fields.Only("userId").Named("userId", Names.IsUserId, Names.UserIdRule), Register);
        routes.Delete("/v1/admin/users/{userId}", Gate.Admin, Unregister);
    }

    /// <summary>No journal stream has this effect, so the answer is kept by itself; asking again changes nothing anyway.</summary>
    private async Task<Reply> Register(Call call, string userId)
    {
        var isNew = await grains.Catalog().AddUser(userId);
        var reply = Reply.OfEdge(new UserShape(userId), isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        return call.Repeat is { } repeat
            && await grains.Answers().Keep(repeat, reply.Status, [.. reply.Json.Span]) is { } first
                ? Reply.Again(first, repeat)
                : reply;
    }

    private async Task<Reply> Unregister(Call call)
    {
        var userId = call.Named("userId");
        if (!Names.IsUserId(userId))
        {
            return new Problem(ProblemCode.UserNotFound, "No user can have that id.");
        }

        await grains.Catalog().RemoveUser(userId);
        return Reply.NoContent;
    }
}
