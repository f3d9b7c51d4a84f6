using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Silo;

/// <summary>The members of the cluster, as its membership has them, and what each says of itself.</summary>
internal sealed class Cluster(IGrainFactory grains, TimeProvider time) : ICluster
{
    /// <summary>One that takes longer is not well.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<ClusterView> Look()
    {
        var members = await Management.GetDetailedHosts(onlyActive: false);
        var silos = await Task.WhenAll(members.Where(member => member.Status != SiloStatus.Dead).Select(Look));
        return new("Orleans", [.. silos.OrderBy(silo => silo.Name, StringComparer.Ordinal)]);
    }

    private IManagementGrain Management => grains.GetGrain<IManagementGrain>(0);

    private async Task<SiloView> Look(MembershipEntry member)
    {
        try
        {
            var counts = await Management.GetSimpleGrainStatistics([member.SiloAddress]).WaitAsync(Patience, time);
            return new(member.SiloName, member.Status.ToString(), counts.Sum(count => count.ActivationCount));
        }
        catch (Exception exception) when (exception is TimeoutException or OrleansException)
        {
            return new(member.SiloName, "Unresponsive", 0);
        }
    }
}
