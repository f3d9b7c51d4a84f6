using OrleansConcert.Domain.Access;

namespace OrleansConcert.Api.Access;

/// <summary>What queues say of the tokens that are shown here. To be looked at is activity of a token.</summary>
internal sealed class Sights(IGrainFactory grains)
{
    /// <summary>The token as it is now, or null where its queue does not know it.</summary>
    public Task<TokenSight?> Of(QueueToken token) => grains.Queue(token.QueueId).Look(token.Ticket, token.Nonce);

    /// <summary>The caller with what the queue says of their token now, whatever it said before.</summary>
    public async Task<Caller> Seen(Caller caller) =>
        caller.Token is { } token ? caller with { Sight = await Of(token) } : caller;
}
