using Microsoft.Extensions.Hosting;
using OrleansConcert.Silo;

namespace OrleansConcert.Grains.Tests;

public sealed class ClusterTests
{
    /// <summary>Nobody listens there: who asks it is told something else.</summary>
    private static readonly SiloSettings OfCluster = new()
    {
        Kind = StorageKind.Postgres,
        ConnectionString = "Host=127.0.0.1;Port=1;Database=none",
        Cluster = new(),
    };

    [Fact]
    public async Task An_engine_without_clusters_says_so_before_it_touches_the_database()
    {
        foreach (var start in new[] { SiloHosting.AddConcertSilo, SiloHosting.AddConcertClient })
        {
            var refused = await Assert.ThrowsAsync<StartException>(() => start(Host.CreateEmptyApplicationBuilder(new()), OfCluster));
            Assert.Contains("Engine=Orleans", refused.Message, StringComparison.Ordinal);
        }
    }
}
