using System.Collections;
using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansConcert.Domain.Concerts;
using Orleans.InProcess.Simulation;

namespace OrleansConcert.Simulation;

/// <summary>What the grains of a host have in memory. By reflection: no grain shows its state to anybody.</summary>
internal static class Insides
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    /// <summary>The state of every active journaled grain as JSON, by stream.</summary>
    public static SortedDictionary<string, string> Of(SimulatedHost host)
    {
        var states = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var directory = Get(host.Services.GetRequiredService<IClusterClient>(), "Directory");
        foreach (var activation in (IEnumerable)Get(directory, "All"))
        {
            if (Get(activation, "GrainInstance") is { } grain && Base(grain.GetType()) is { } journaled
                && Field(journaled, grain, "_state") is { } state)
            {
                states[(string)Field(journaled, grain, "_stream")!] = Json(state);
            }
        }

        return states;
    }

    public static string Json(object state) => state switch
    {
        QueueState queue => JsonSerializer.Serialize(queue.ToSnapshot(), JournalJson.Default.QueueSnapshot),
        ScheduleState schedule => JsonSerializer.Serialize(schedule.ToSnapshot(), JournalJson.Default.ScheduleSnapshot),
        WalletState wallet => JsonSerializer.Serialize(wallet.ToSnapshot(), JournalJson.Default.WalletSnapshot),
        ConcertState concert => JsonSerializer.Serialize(concert.ToSnapshot(), JournalJson.Default.ConcertSnapshot),
        _ => throw new InvalidOperationException($"{state.GetType().Name} has no snapshot."),
    };

    private static Type? Base(Type? type) =>
        type is null || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(JournaledGrain<,>)) ? type : Base(type.BaseType);

    private static object? Field(Type type, object of, string name) => type.GetField(name, Hidden)!.GetValue(of);

    private static object Get(object of, string name) => of.GetType().GetProperty(name, Hidden)!.GetValue(of)!;
}
