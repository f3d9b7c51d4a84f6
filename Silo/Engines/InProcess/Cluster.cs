using Orleans.InProcess;
using OrleansConcert.Grains.Abstractions;

namespace OrleansConcert.Silo;

/// <summary>The one process.</summary>
internal sealed class Cluster(EngineFigures figures) : ICluster
{
    public Task<ClusterView> Look() => Task.FromResult(new ClusterView(
        "InProcess", [new(Environment.MachineName, "Active", figures.Activations)]));
}
