using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Api.Streams;

namespace OrleansConcert.Api.Resources;

/// <summary>Queue tokens: join, poll, leave.</summary>
internal sealed class QueueTokens(IGrainFactory grains, Boards boards, Feeds feeds) : IResource
{
    public void Map(Routes routes)
    {
        routes.Post("/v1/queue-tokens", Gate.SignedIn, ReadQueue, Join, optional: true);
        routes.Get("/v1/queue-tokens/me", Gate.Token, Poll);
        routes.Stream("/v1/queue-tokens/me/events", Gate.Token, Follow);
        routes.Delete("/v1/queue-tokens/me", Gate.Token, Leave);
    }

    /// <summary>The queue to join, and whether the holds of the place that the caller has may be given up for a new one.</summary>
    private static (string QueueId, bool Force) ReadQueue(Fields fields)
    {
        var force = fields.Only("queueId", "force").Flag("force", false);
        return (fields.Named("queueId", Names.IsId, Names.IdRule, WireNames.MainQueue), force);
    }

    private async Task<Reply> Join(Call call, (string QueueId, bool Force) wanted)
    {
        var queue = grains.Queue(wanted.QueueId);
        var ticket = wanted.Force ? await queue.TicketOf(call.UserId) : 0;
        var answer = await (ticket == 0
            ? queue.Join(call.UserId, call.Repeat)
            : grains.Token(wanted.QueueId, ticket).Rejoin(call.UserId, call.Repeat));
        boards.Told(wanted.QueueId, call.UserId);
        return answer.Value is { } token ? Reply.OfToken(token, answer.Status) : Reply.Of(answer, call.Repeat);
    }

    private static Task<Reply> Poll(Call call) =>
        Task.FromResult(Reply.OfToken(call.Caller.Sight!.Token with { Token = call.Caller.TokenText }));

    private Task<Reply> Follow(Call call)
    {
        var token = call.Caller.Token!;
        return Task.FromResult(Reply.Of(feeds.Tokens(token.QueueId).Of(token, call.Caller.TokenText)));
    }

    private async Task<Reply> Leave(Call call)
    {
        var token = call.Caller.Token!;
        var answer = await grains.Token(token.QueueId, token.Ticket).Leave(call.UserId);
        boards.Changed(token.QueueId);
        return answer.Refused is { } refused ? refused.ToProblem() : Reply.NoContent;
    }
}
