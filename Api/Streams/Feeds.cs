using System.Collections.Concurrent;
using OrleansConcert.Api.Access;
using OrleansConcert.Api.Resources;

namespace OrleansConcert.Api.Streams;

/// <summary>The feeds of this host: one a schedule and one a queue, while somebody looks.</summary>
internal sealed class Feeds(SeatMaps maps, Boards boards, Gatekeeper gatekeeper, TimeProvider time, ILogger<Feed> log)
{
    private readonly ConcurrentDictionary<(Type Kind, string Id), Feed> _feeds = new();

    /// <summary>Whether every stream has been told what is known of it.</summary>
    public bool AreQuiet => _feeds.Values.All(feed => feed.IsQuiet);

    public SeatFeed Seats(House house) => Of(
        house.Definition.ScheduleId, rests => new SeatFeed(house, maps, boards, gatekeeper, time, log, rests));

    public TokenFeed Tokens(string queueId) => Of(queueId, rests => new TokenFeed(boards, time, log, rests));

    /// <summary>Who joins one just as it rests goes on with it; those who come later have another, and both tell the same.</summary>
    private T Of<T>(string id, Func<Action<Feed>, T> make)
        where T : Feed
    {
        var key = (typeof(T), id);
        return (T)_feeds.GetOrAdd(key, _ => make(feed => _feeds.TryRemove(new(key, feed))));
    }
}
