using OrleansConcert.Grains;
using OrleansConcert.Storage;

namespace OrleansConcert.Silo;

/// <summary>How the store is.</summary>
public sealed class StoreHealth(IStore store) : IHealth
{
    /// <summary>Whether it takes writes now.</summary>
    public bool IsReady => store.IsHealthy && store.IsOurs;

    /// <summary>Whether what this process remembers of it may be told: no other server can have taken it over.</summary>
    public bool IsOurs => store.IsOurs;
}
