using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Anything that can be called: a reference to a grain, or the grain itself.</summary>
    public interface IAddressable;
}

namespace Orleans
{
    /// <summary>The root of every grain interface.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain known by a text key.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>What a grain class implements; most derive from <see cref="Grain"/>.</summary>
    public interface IGrainBase
    {
        /// <summary>The activation this object lives in.</summary>
        IGrainContext GrainContext { get; }

        /// <summary>Called once before the first call; a failure reaches the callers and ends the activation.</summary>
        Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

        /// <summary>Called once after the last call, with nothing running; its failure is logged and ignored.</summary>
        Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
    }
}
