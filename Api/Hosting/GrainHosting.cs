using OrleansConcert.Silo;

namespace OrleansConcert.Api.Hosting;

/// <summary>Where the grains are: in this process, with the store, or in a cluster of silos.</summary>
internal static class GrainHosting
{
    /// <summary>Opens the store and adds the grains to the host, or the way to those of a cluster.</summary>
    public static Task AddGrains(this WebApplicationBuilder builder, Settings settings, TimeProvider time)
    {
        var silo = new SiloSettings
        {
            Kind = Enum.Parse<StorageKind>(settings.StorageKind),
            Path = settings.StoragePath,
            ConnectionString = settings.ConnectionString,
            SigningKeys = settings.SigningKeys,
            Time = time,
        };
        if (!settings.IsClient)
        {
            builder.Services.AddSingleton<Readiness, StoreReadiness>();
            builder.Services.AddSingleton<KeysInUse, OwnKeysInUse>();
            return builder.AddConcertSilo(silo);
        }

        builder.Services.AddSingleton<KeysInUse, SharedKeysInUse>();
        builder.Services.AddSingleton<ClusterReadiness>();
        builder.Services.AddSingleton<Readiness>(services => services.GetRequiredService<ClusterReadiness>());
        builder.Services.AddHostedService(services => services.GetRequiredService<ClusterReadiness>());
        return builder.AddConcertClient(silo with { Kind = StorageKind.Postgres, Cluster = new() { Id = settings.ClusterId } });
    }

    private sealed class StoreReadiness(StoreHealth store, IHostApplicationLifetime lifetime) : Readiness(lifetime)
    {
        public override bool MayAnswer => store.IsOurs;

        protected override bool StoreAnswers => store.IsReady;
    }

    /// <summary>Asks the cluster ten times a second: ready where one of its silos answered lately that it is.</summary>
    private sealed class ClusterReadiness(IGrainFactory grains, TimeProvider time, IHostApplicationLifetime lifetime)
        : Readiness(lifetime), IHostedService, IDisposable
    {
        /// <summary>A silo notices within 1.8 seconds that its store is gone, and two are promised.</summary>
        private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

        private readonly CancellationTokenSource _stop = new();
        private volatile bool _isReady;
        private Task _asking = Task.CompletedTask;

        /// <summary>This process remembers nothing that the silos do not correct within a second.</summary>
        public override bool MayAnswer => true;

        protected override bool StoreAnswers => _isReady;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            _asking = Ask();
            return Task.CompletedTask;
        }

        public async Task StopAsync(CancellationToken cancellationToken)
        {
            await _stop.CancelAsync();
            await _asking;
        }

        public void Dispose() => _stop.Dispose();

        private async Task Ask()
        {
            while (!_stop.IsCancellationRequested)
            {
                _isReady = await IsAnswered();
                await Task.Delay(AskEvery, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private async Task<bool> IsAnswered()
        {
            try
            {
                return await grains.Health().IsReady().WaitAsync(Patience, time, _stop.Token);
            }
            catch (Exception)
            {
                // Whatever it is: no silo says that it is well.
                return false;
            }
        }
    }
}
