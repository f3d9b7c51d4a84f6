using System.Collections.Concurrent;
using OrleansConcert.Api.Access;
using OrleansConcert.Api.Resources;

namespace OrleansConcert.Api.Streams;

/// <summary>The feeds of this host: one a schedule and one a queue, once somebody has looked.</summary>
internal sealed class Feeds(SeatMaps maps, Boards boards, Gatekeeper gatekeeper, TimeProvider time, ILogger<Feed> log)
{
    private readonly ConcurrentDictionary<string, SeatFeed> _seats = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TokenFeed> _tokens = new(StringComparer.Ordinal);

    /// <summary>Whether every stream has been told what is known of it.</summary>
    public bool AreQuiet => _seats.Values.All(feed => feed.IsQuiet) && _tokens.Values.All(feed => feed.IsQuiet);

    public SeatFeed Seats(House house) =>
        _seats.GetOrAdd(house.Definition.ScheduleId, _ => new(house, maps, boards, gatekeeper, time, log));

    public TokenFeed Tokens(string queueId) => _tokens.GetOrAdd(queueId, _ => new(boards, time, log));
}
