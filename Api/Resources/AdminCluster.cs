using OrleansConcert.Api.Access;

namespace OrleansConcert.Api.Resources;

/// <summary>What runs the grains.</summary>
internal sealed class AdminCluster(ICluster cluster) : IResource
{
    public void Map(Routes routes) =>
        routes.Get("/v1/admin/cluster", Gate.Admin, async _ => Reply.OfEdge(await cluster.Look()));
}
