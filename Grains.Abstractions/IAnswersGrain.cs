namespace OrleansConcert.Grains.Abstractions;

/// <summary>Answers given before, by caller and key. Any number of activations; they keep nothing.</summary>
[Alias("OrleansConcert.IAnswersGrain")]
public interface IAnswersGrain : IGrainWithStringKey
{
    /// <summary>The answer given to this caller's key within the last day, or null.</summary>
    [Alias("Find")]
    Task<ReplayedAnswer?> Find(string caller, string key);

    /// <summary>Keeps an answer whose effect is in no journal stream. Durable when answered.</summary>
    [Alias("Keep")]
    Task<ReplayedAnswer?> Keep(Repeat repeat, int status, ImmutableArray<byte> body);
}
