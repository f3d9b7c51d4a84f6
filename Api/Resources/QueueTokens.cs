using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Api.Streams;

namespace OrleansConcert.Api.Resources;

/// <summary>Queue tokens: join, poll, leave.</summary>
internal sealed class QueueTokens(Feeds feeds, IGrainFactory grains) : IResource
{
    public void Map(Routes routes)
    {
        routes.Post("/v1/queue-tokens", Gate.SignedIn, ReadQueue, Join, optional: true);
        routes.Get("/v1/queue-tokens/me", Gate.Token, Poll);
        routes.Stream("/v1/queue-tokens/me/events", Gate.Token, Follow);
        routes.Delete("/v1/queue-tokens/me", Gate.Token, Leave);
    }

    /// <summary>The queue to join. <c>force</c> is for queues that give a new place to who has one; here there are none.</summary>
    private static string ReadQueue(Fields fields)
    {
        fields.Only("queueId", "force").Flag("force", false);
        return fields.Named("queueId", Names.IsId, Names.IdRule, WireNames.MainQueue);
    }

    private async Task<Reply> Join(Call call, string queueId)
    {
        var answer = await grains.Queue(queueId).Join(call.UserId, call.Repeat);
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
        var answer = await grains.GetGrain<ITokenGrain>(WireNames.Token(token.QueueId, token.Ticket)).Leave(call.UserId);
        return answer.Refused is { } refused ? refused.ToProblem() : Reply.NoContent;
    }
}
