using Orleans.Configuration;

namespace OrleansConcert.Grains.Tests;

internal sealed partial class World
{
    private sealed partial class Silo
    {
        /// <summary>Hundreds of silos are started, each with room for where a million grains are.</summary>
        static partial void Shrink(ISiloBuilder silo) => silo.Configure<GrainDirectoryOptions>(options => options.CacheSize = 1_000);
    }
}
