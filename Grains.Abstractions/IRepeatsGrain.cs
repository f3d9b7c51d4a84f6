namespace OrleansConcert.Grains.Abstractions;

/// <summary>Which keys are in use right now, of the callers of one shard, whichever host answers them.</summary>
[Alias("OrleansConcert.IRepeatsGrain")]
public interface IRepeatsGrain : IGrainWithStringKey
{
    /// <summary>Takes a key for one call, unless it has been answered or another call has it.</summary>
    [Alias("Begin")]
    Task<Begun> Begin(string caller, string key);

    /// <summary>The call is over. One that takes longer than anybody waits for it loses its key by itself.</summary>
    /// <param name="number">What <see cref="Begin"/> gave.</param>
    [Alias("End")]
    Task End(string caller, string key, long number);
}

/// <summary>How a call under a key may go on.</summary>
/// <param name="Given">The answer that its key got before; then there is nothing to do.</param>
/// <param name="Number">What gives the key back; null where another call has it, and where there is an answer.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Begun")]
public sealed record Begun([property: Id(0)] ReplayedAnswer? Given, [property: Id(1)] long? Number);
