using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrleansConcert.Bench;

/// <summary>A grain that does nothing, so that a call costs what the engine costs.</summary>
public interface IIdleGrain : IGrainWithStringKey
{
    Task Call();

    ValueTask<int> Add(int one, int other);

    Task CallOther(string key, int times);
}

/// <inheritdoc/>
public sealed class IdleGrain : Grain, IIdleGrain
{
    /// <inheritdoc/>
    public Task Call() => Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<int> Add(int one, int other) => ValueTask.FromResult(one + other);

    /// <inheritdoc/>
    public async Task CallOther(string key, int times)
    {
        var other = GrainFactory.GetGrain<IIdleGrain>(key);
        for (var i = 0; i < times; i++)
        {
            await other.Call();
        }
    }
}

/// <summary>Calls a second through the engine and bytes a call: 100 callers, 1,000 grains.</summary>
internal static class EngineBench
{
    private const int Callers = 100;
    private const int Grains = 1000;
    private const int CallsARest = 1000;

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    public static async Task<int> Run(Options options)
    {
        var rounds = options.Number("--rounds", 5);
        var seconds = options.Seconds(2);
        var file = options.Json("artifacts/engine-bench.json");

        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        using var host = builder.Build();
        await host.StartAsync();
        var factory = host.Services.GetRequiredService<IGrainFactory>();
        var grains = Enumerable.Range(0, Grains).Select(i => factory.GetGrain<IIdleGrain>($"idle-{i}")).ToArray();

        var works = new (string Name, Func<int, Task> Work)[]
        {
            ("100 callers, 1,000 grains, Task", caller => Spread(grains, caller, static grain => new ValueTask(grain.Call()))),
            ("100 callers, 1,000 grains, ValueTask<int>", caller => Spread(grains, caller, static grain => Discard(grain.Add(1, 2)))),
            ("100 callers, 1 grain, Task", caller => Spread(grains[..1], caller, static grain => new ValueTask(grain.Call()))),
            ("100 grains call 100 others", caller => grains[caller].CallOther($"idle-{caller + Callers}", CallsARest)),
            ("100 callers, reference asked for each call", caller => Fresh(factory, caller)),
        };
        var results = works.ToDictionary(work => work.Name, _ => new List<Sample>());
        foreach (var (_, work) in works)
        {
            await Measure(work, 0.5);
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, work) in works)
            {
                results[name].Add(await Measure(work, seconds));
            }
        }

        Print(works.Select(work => work.Name), results);
        var idleBytes = await IdleBytes(factory);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"bytes an idle activation",-46}{idleBytes,12:N0}"));
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(results, s_json));
        await host.StopAsync();
        return 0;
    }

    private static async Task<double> IdleBytes(IGrainFactory factory)
    {
        const int activations = 100_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < activations; i++)
        {
            await factory.GetGrain<IIdleGrain>($"sleeper-{i}").Call();
        }

        return (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)activations;
    }

    private static async Task Spread(IIdleGrain[] grains, int caller, Func<IIdleGrain, ValueTask> call)
    {
        for (var i = 0; i < CallsARest; i++)
        {
            await call(grains[((caller * 31) + (i * 7)) % grains.Length]);
        }
    }

    private static async Task Fresh(IGrainFactory factory, int caller)
    {
        var key = $"idle-{caller}";
        for (var i = 0; i < CallsARest; i++)
        {
            await factory.GetGrain<IIdleGrain>(key).Call();
        }
    }

    private static ValueTask Discard(ValueTask<int> answer)
    {
        return answer.IsCompletedSuccessfully ? default : new ValueTask(answer.AsTask());
    }

    private static async Task<Sample> Measure(Func<int, Task> work, double seconds)
    {
        var calls = 0L;
        var isOver = false;
        GC.Collect();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isOver))
            {
                await work(caller);
                Interlocked.Add(ref calls, CallsARest);
            }
        })).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(callers);
        var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Sample(calls / elapsed, (GC.GetTotalAllocatedBytes(precise: true) - bytes) / (double)calls);
    }

    private static void Print(IEnumerable<string> names, Dictionary<string, List<Sample>> results)
    {
        Console.WriteLine($"{"calls a second",-46}{"min",12}{"median",12}{"max",12}{"bytes a call",14}");
        foreach (var name in names)
        {
            var rates = results[name].Select(sample => sample.CallsASecond).Order().ToArray();
            var bytes = results[name].Select(sample => sample.BytesACall).Order().ToArray();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-46}{rates[0],12:N0}{rates[rates.Length / 2],12:N0}{rates[^1],12:N0}{bytes[bytes.Length / 2],14:N0}"));
        }
    }

    internal sealed record Sample(double CallsASecond, double BytesACall);
}
