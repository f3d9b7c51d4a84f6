namespace OrleansConcert.Grains.Abstractions;

/// <summary>What runs the grains.</summary>
public interface ICluster
{
    /// <summary>The silos that are there now, by name.</summary>
    Task<ClusterView> Look();
}

/// <summary>The silos of a cluster.</summary>
/// <param name="Engine">What runs them.</param>
/// <param name="Silos">By name.</param>
public sealed record ClusterView(string Engine, ImmutableArray<SiloView> Silos);

/// <summary>One of them.</summary>
/// <param name="Name">As its operator called it.</param>
/// <param name="State">Active, or on its way to that or from it; Unresponsive where it is a member and does not answer.</param>
/// <param name="Activations">Grains in its memory; 0 where it does not answer.</param>
public sealed record SiloView(string Name, string State, int Activations);
