namespace Orleans.Runtime;

/// <summary>One activation of a grain: the object in memory and what surrounds it.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    /// <summary>Which grain this is.</summary>
    GrainId GrainId { get; }

    /// <summary>The grain object, or null before it was made.</summary>
    object? GrainInstance { get; }

    /// <summary>Services of this activation: scoped ones live as long as it does.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation is gone.</summary>
    Task Deactivated { get; }

    /// <summary>Asks the activation to end. Running calls finish first; calls that come later wait for the next activation.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}
