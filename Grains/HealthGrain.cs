using Orleans.Concurrency;

namespace OrleansConcert.Grains;

/// <summary>How the silo is on which it runs.</summary>
[StatelessWorker]
public sealed class HealthGrain(IHealth health) : Grain, IHealthGrain
{
    public Task<bool> IsReady() => Task.FromResult(health.IsReady);
}

/// <summary>How a silo is.</summary>
public interface IHealth
{
    /// <summary>Whether it can serve: its store takes writes now.</summary>
    bool IsReady { get; }
}
