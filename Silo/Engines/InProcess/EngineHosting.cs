using Microsoft.Extensions.Hosting;

namespace OrleansConcert.Silo;

/// <summary>The one-process engine.</summary>
internal static class EngineHosting
{
    public static void UseEngine(this IHostApplicationBuilder builder) => builder.UseOrleans(silo => silo.StandOnJournal());
}
