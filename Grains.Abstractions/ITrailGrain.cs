using OrleansConcert.Domain.Audits;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>
/// What ever happened to a seat or to a user's tokens, read from the journal. Any number of activations; they keep nothing.
/// </summary>
[Alias("OrleansConcert.ITrailGrain")]
public interface ITrailGrain : IGrainWithStringKey
{
    /// <summary>All that happened to a seat, oldest first.</summary>
    [Alias("OfSeat"), ResponseTimeout("00:10:00")]
    Task<ImmutableArray<TrailEntry>> OfSeat(string scheduleId, string seatId);

    /// <summary>All that happened to a user's tokens of these queues, oldest first.</summary>
    [Alias("OfTokens"), ResponseTimeout("00:10:00")]
    Task<ImmutableArray<TrailEntry>> OfTokens(string userId, ImmutableArray<string> queueIds);
}
