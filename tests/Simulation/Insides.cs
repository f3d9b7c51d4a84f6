using System.Collections;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using OrleansConcert.Domain.Concerts;
using Orleans.InProcess.Simulation;

namespace OrleansConcert.Simulation;

/// <summary>What the grains of a host have in memory. By reflection: no grain shows its state to anybody.</summary>
internal static class Insides
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    /// <summary>The state of every journaled grain that would answer now, as stored, by stream.</summary>
    public static SortedDictionary<string, byte[]> Of(SimulatedHost host)
    {
        var states = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var directory = Get(host.Services.GetRequiredService<IClusterClient>(), "Directory");
        foreach (var activation in (IEnumerable)Get(directory, "All"))
        {
            if (Get(activation, "GrainInstance") is { } grain && Base(grain.GetType()) is { } journaled
                && Field(journaled, grain, "_state") is { } state && Field(journaled, grain, "_failed") is false)
            {
                states[(string)Field(journaled, grain, "_stream")!] = Stored(state);
            }
        }

        return states;
    }

    public static byte[] Stored(object state) => state switch
    {
        QueueState queue => JournalFormats.Queue.Stored(queue),
        ScheduleState schedule => JournalFormats.Schedule.Stored(schedule),
        WalletState wallet => JournalFormats.Wallet.Stored(wallet),
        ConcertState concert => JournalFormats.Concert.Stored(concert),
        _ => throw new InvalidOperationException($"{state.GetType().Name} has no snapshot."),
    };

    /// <summary>The pieces of its snapshot, one behind the other.</summary>
    public static byte[] Stored<TState, TEvent>(this JournalFormat<TState, TEvent> format, TState state) =>
        [.. format.Capture(state).SelectMany(piece => piece)];

    private static Type? Base(Type? type) =>
        type is null || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(JournaledGrain<,>)) ? type : Base(type.BaseType);

    private static object? Field(Type type, object of, string name) => type.GetField(name, Hidden)!.GetValue(of);

    private static object Get(object of, string name) => of.GetType().GetProperty(name, Hidden)!.GetValue(of)!;
}
