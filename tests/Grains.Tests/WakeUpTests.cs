using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansConcert.Silo;
using OrleansConcert.Storage;
using OrleansConcert.Storage.Disks;

namespace OrleansConcert.Grains.Tests;

/// <summary>Who dropped its memory and is woken, though others do not come up.</summary>
public sealed class WakeUpTests
{
    [Fact]
    public async Task Wakes_that_hang_keep_nobody_else_waiting()
    {
        var time = new ManualTime();
        var wakes = DispatchProxy.Create<IGrainFactory, Sleepers>();
        await using var journal = await FileJournal.Open(new MemoryDisk(), new());
        using var work = new UnfinishedWork(journal, wakes, time, NullLogger<UnfinishedWork>.Instance);
        await work.StartAsync(CancellationToken.None);
        for (var deaf = 0; deaf < 100; deaf++)
        {
            work.WakeSoon(WireNames.ScheduleStreams + Sleepers.Deaf + deaf);
        }

        await World.Until(() => Woken().Length > 0);
        work.WakeSoon(WireNames.ScheduleStreams + "friday");
        await World.Until(() =>
        {
            time.Advance(Given.Seconds(0.1));
            return Woken().Distinct().Count() == 101;
        });
        await work.StopAsync(CancellationToken.None);

        string[] Woken() => ((Sleepers)wakes).Woken;
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_a_wake_at_the_start_that_hangs()
    {
        var wakes = DispatchProxy.Create<IGrainFactory, Sleepers>();
        await using var journal = await FileJournal.Open(new MemoryDisk(), new());
        await journal.Append(new()
        {
            Stream = WireNames.ScheduleStreams + Sleepers.Deaf,
            Head = 0,
            Events = [Given.Text("{}")],
            At = ManualTime.Noon,
            Unfinished = true,
        });
        using var work = new UnfinishedWork(journal, wakes, new ManualTime(), NullLogger<UnfinishedWork>.Instance);
        await work.StartAsync(CancellationToken.None);
        await World.Until(() => ((Sleepers)wakes).Woken.Length > 0);
        var stopped = work.StopAsync(CancellationToken.None);
        await World.Until(() => stopped.IsCompleted);
        await stopped;
    }
}

/// <summary>Grains of which some never come up.</summary>
public class Sleepers : DispatchProxy
{
    public const string Deaf = "deaf-";

    private readonly Lock _lock = new();
    private readonly List<string> _woken = [];
    private Sleepers? _factory;
    private string _key = "";

    public string[] Woken
    {
        get
        {
            lock (_lock)
            {
                return [.. _woken];
            }
        }
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (_factory is null)
        {
            var grain = Create<IScheduleGrain, Sleepers>();
            ((Sleepers)(object)grain)._factory = this;
            ((Sleepers)(object)grain)._key = (string)args![0]!;
            return grain;
        }

        return _factory.Wake(_key);
    }

    private Task Wake(string key)
    {
        lock (_lock)
        {
            _woken.Add(key);
            return key.StartsWith(Deaf, StringComparison.Ordinal) ? new TaskCompletionSource().Task : Task.CompletedTask;
        }
    }
}
