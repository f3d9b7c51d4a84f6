using Orleans.Runtime;

namespace Orleans;

/// <summary>Gives references to grains. A reference costs little and activates nothing.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to the grain with this key, seen as <typeparamref name="TGrainInterface"/>.</summary>
    /// <param name="primaryKey">The grain's key, not empty.</param>
    /// <param name="grainClassNamePrefix">Where several classes implement the interface: how the wanted one's full name begins.</param>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <summary>A reference to the grain of this id, seen as <typeparamref name="TGrainInterface"/>.</summary>
    TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable;
}

/// <summary>The way in for code outside grains.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>The services of the host.</summary>
    IServiceProvider ServiceProvider { get; }
}
