using Orleans.TestingHost;

namespace OrleansConcert.Engine.Tests;

/// <summary>One silo with memory storage and in-memory reminders, shared by the tests of a class.</summary>
public class Cluster : IAsyncLifetime
{
    private readonly TestCluster _cluster;

    public Cluster()
        : this(new TestClusterBuilder(1).AddSiloBuilderConfigurator<Silo>().Build())
    {
    }

    protected Cluster(TestCluster cluster) => _cluster = cluster;

    public TestCluster Host => _cluster;

    public IGrainFactory Grains => _cluster.Client;

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    public T Get<T>(string key)
        where T : IGrainWithStringKey => Grains.GetGrain<T>(key);

    public class Silo : ISiloConfigurator
    {
        public virtual void Configure(ISiloBuilder siloBuilder)
        {
            siloBuilder.AddMemoryGrainStorageAsDefault();
            siloBuilder.AddMemoryGrainStorage("other");
            siloBuilder.Configure<Orleans.Configuration.SiloMessagingOptions>(
                options => options.ResponseTimeout = TimeSpan.FromSeconds(20));
        }
    }
}
