using OrleansConcert.Silo;

namespace OrleansConcert.Api.Hosting;

/// <summary>Puts the whole programme into one process: the HTTP edge, the grains and the store. Only this file knows the silo.</summary>
internal static class OneProcess
{
    /// <summary>Opens the store and adds the grains to the host.</summary>
    public static Task AddGrains(this WebApplicationBuilder builder, Settings settings, TimeProvider time)
    {
        builder.Services.AddSingleton<Readiness, StoreReadiness>();
        return builder.AddConcertSilo(new()
        {
            Kind = Enum.Parse<StorageKind>(settings.StorageKind),
            Path = settings.StoragePath,
            ConnectionString = settings.ConnectionString,
            SigningKeys = settings.SigningKeys,
            Time = time,
        });
    }

    /// <summary>The line for the operator where the silo could not start, or null where that is not what happened.</summary>
    public static string? LineOf(Exception exception) => exception is StartException ? exception.Message : null;

    private sealed class StoreReadiness(StoreHealth store, IHostApplicationLifetime lifetime) : Readiness(lifetime)
    {
        public override bool MayAnswer => store.IsOurs;

        protected override bool StoreAnswers => store.IsReady;
    }
}
