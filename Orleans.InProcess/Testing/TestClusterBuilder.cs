using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Orleans.TestingHost;

/// <summary>Something that puts a silo together. A test names the type; the cluster makes one.</summary>
public interface ISiloConfigurator
{
    /// <summary>Adds to the silo.</summary>
    void Configure(Hosting.ISiloBuilder siloBuilder);
}

/// <summary>Puts a <see cref="TestCluster"/> together.</summary>
/// <param name="initialSilosCount">How many silos a cluster would start with; here there is one process.</param>
public class TestClusterBuilder(short initialSilosCount)
{
    private readonly List<ISiloConfigurator> _configurators = [];
    private readonly List<Action<IConfigurationBuilder>> _configuration = [];

    /// <summary>With the number of silos Orleans starts a test cluster with.</summary>
    public TestClusterBuilder()
        : this(2)
    {
    }

    /// <summary>How many silos a cluster would start with.</summary>
    internal short InitialSilosCount { get; } = initialSilosCount;

    /// <summary>Adds a configurator of the silo; those added first run first.</summary>
    public TestClusterBuilder AddSiloBuilderConfigurator<T>()
        where T : new()
    {
        if (new T() is not ISiloConfigurator configurator)
        {
            throw new ArgumentException($"{typeof(T)} is no {nameof(ISiloConfigurator)}.");
        }

        _configurators.Add(configurator);
        return this;
    }

    /// <summary>Adds to the host's configuration.</summary>
    public TestClusterBuilder ConfigureHostConfiguration(Action<IConfigurationBuilder> configureDelegate)
    {
        _configuration.Add(configureDelegate);
        return this;
    }

    /// <summary>Builds the host. It does not run yet.</summary>
    public TestCluster Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        foreach (var configure in _configuration)
        {
            configure(builder.Configuration);
        }

        builder.UseOrleans(silo =>
        {
            foreach (var configurator in _configurators)
            {
                configurator.Configure(silo);
            }
        });
        return new TestCluster(builder.Build());
    }
}
