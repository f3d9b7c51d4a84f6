namespace OrleansConcert.Grains.Abstractions;

/// <summary>How the silo is that answers. Any number of activations; they keep nothing.</summary>
[Alias("OrleansConcert.IHealthGrain")]
public interface IHealthGrain : IGrainWithStringKey
{
    /// <summary>Whether it can serve: its store takes writes now.</summary>
    [Alias("IsReady")]
    Task<bool> IsReady();
}
