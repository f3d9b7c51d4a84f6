using Microsoft.Extensions.DependencyInjection;
using Orleans.Reminders;
using Orleans.TestingHost;

namespace OrleansConcert.Engine.Tests;

/// <summary>A silo whose grain timers and reminders go by a clock that the test moves. One for all such tests.</summary>
public sealed class TimedCluster() : Cluster(new TestClusterBuilder(1).AddSiloBuilderConfigurator<TimedSilo>().Build())
{
    /// <summary>Static, since a configurator is made by its type.</summary>
    public static readonly FakeTime Time = new();

    public sealed class TimedSilo : Silo
    {
        public override void Configure(ISiloBuilder siloBuilder)
        {
            base.Configure(siloBuilder);
            siloBuilder.UseInMemoryReminderService();
            siloBuilder.Services.AddSingleton<TimeProvider>(Time);
            siloBuilder.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
            siloBuilder.Services.AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, Time);
        }
    }
}

[CollectionDefinition("one clock")]
#pragma warning disable CA1711 // xunit's name for it.
public sealed class OneClockCollection : ICollectionFixture<TimedCluster>;
#pragma warning restore CA1711
