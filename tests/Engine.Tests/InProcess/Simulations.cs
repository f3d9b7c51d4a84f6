using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.InProcess.Simulation;

namespace OrleansConcert.Engine.Tests.InProcess;

/// <summary>The seam for simulation: one thread, a seed, virtual time, crashes.</summary>
public sealed class Simulations
{
    private static Task<SimulatedHost> Start(SeededScheduler world, Disk disk, string name = "server") =>
        SimulatedHost.StartAsync(world, name, silo =>
        {
            silo.Services.AddSingleton(disk);
            silo.Services.AddSingleton(new Greeting(""));
            silo.AddMemoryGrainStorageAsDefault();
            silo.AddMemoryGrainStorage("other");
            silo.UseInMemoryReminderService();
        });

    private static (string Digest, string Order, string Trace) Sale(int seed)
    {
        using var trace = new StringWriter();
        using var world = new SeededScheduler(seed, trace);
        var order = "";
        world.Run(async () =>
        {
            var host = await Start(world, new Disk());
            var buyers = Enumerable.Range(0, 20).Select(i => Buy(host.GrainFactory, i));
            var won = await Task.WhenAll(buyers);
            Assert.Equal(3, won.Sum());
            order = await host.GrainFactory.GetGrain<ISeatGrain>("seat 0").Order();
            await host.StopAsync();
        });
        return (world.Digest, order, trace.ToString());
    }

    private static async Task<int> Buy(IGrainFactory grains, int buyer)
    {
        var won = 0;
        for (var seat = 0; seat < 3; seat++)
        {
            won += await grains.GetGrain<ISeatGrain>($"seat {seat}").Take($"buyer {buyer}") ? 1 : 0;
        }

        return won;
    }

    [Fact]
    public void The_same_seed_gives_the_same_history()
    {
        var one = Sale(7);
        var other = Sale(7);
        Assert.Equal(one.Trace, other.Trace);
        Assert.Equal(one.Digest, other.Digest);
    }

    [Fact]
    public void Different_seeds_give_different_orders()
    {
        var orders = Enumerable.Range(0, 20).Select(seed => Sale(seed).Order).Distinct().Count();
        Assert.True(orders > 15, $"{orders} orders of 20");
    }

    [Fact]
    public void Time_jumps_to_the_next_timer()
    {
        using var world = new SeededScheduler(1);
        var watch = Stopwatch.StartNew();
        world.Run(async () =>
        {
            var host = await Start(world, new Disk());
            var before = world.Time.GetUtcNow();
            var after = await host.GrainFactory.GetGrain<ISeatGrain>("timer").NowAfter(TimeSpan.FromSeconds(20));
            Assert.Equal(TimeSpan.FromSeconds(20), after - before);
            await world.Delay(TimeSpan.FromHours(5));
            Assert.Equal(after.AddHours(5), world.Time.GetUtcNow());
        });
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_call_times_out_by_the_time_of_the_simulation()
    {
        using var world = new SeededScheduler(2);
        world.Run(async () =>
        {
            var host = await Start(world, new Disk());
            var before = world.Time.GetUtcNow();
            await Assert.ThrowsAsync<TimeoutException>(() => host.GrainFactory.GetGrain<ISeatGrain>("hangs").WaitForever());
            Assert.InRange(world.Time.GetUtcNow() - before, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30.2));
        });
    }

    [Fact]
    public void A_reminder_ticks_by_the_time_of_the_simulation()
    {
        using var world = new SeededScheduler(3);
        world.Run(async () =>
        {
            var host = await Start(world, new Disk());
            var grain = host.GrainFactory.GetGrain<IRemindedGrain>("simulated reminder");
            await grain.Remind("r", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
            await world.Delay(TimeSpan.FromMinutes(10.5));
            Assert.Equal(10, await grain.Ticks());
            await host.StopAsync();
        });
    }

    [Fact]
    public void An_idle_activation_goes_after_its_age_and_not_before()
    {
        using var world = new SeededScheduler(4);
        world.Run(async () =>
        {
            var host = await Start(world, new Disk());
            var grain = host.GrainFactory.GetGrain<ILifeGrain>("simulated idle");
            Assert.Equal(1, await grain.Number());
            await world.Delay(TimeSpan.FromMinutes(14));
            Assert.Equal(1, await grain.Number());
            await world.Delay(TimeSpan.FromMinutes(18));
            Assert.Equal(2, await grain.Number());
            Assert.Equal("ActivationIdle", await Signals.Hear("simulated idle"));
        });
    }

    [Fact]
    public void After_a_kill_no_turn_of_that_process_runs_and_another_takes_its_place()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            using var world = new SeededScheduler(seed);
            world.Run(async () =>
            {
                var disk = new Disk();
                var first = await Start(world, disk, "first");
                var calls = Enumerable.Range(0, 10)
                    .Select(i => Record.ExceptionAsync(() => first.GrainFactory.GetGrain<ISeatGrain>($"seat {i}").Take("a")))
                    .ToArray();
                await world.Delay(TimeSpan.FromMilliseconds(world.Random.Next(0, 10)));
                var old = first.GrainFactory.GetGrain<ISeatGrain>("seat 0");
                first.Kill();
                var written = disk.Lines.Count;

                var second = await Start(world, disk, "second");
                await world.Delay(TimeSpan.FromMinutes(5));
                Assert.Equal(written, disk.Lines.Count);
                Assert.All(await Task.WhenAll(calls), failure => Assert.True(failure is null or SiloUnavailableException));
                Assert.True(await second.GrainFactory.GetGrain<ISeatGrain>("seat 0").Take("b"));
                await Assert.ThrowsAsync<SiloUnavailableException>(() => old.Take("c"));
            });
        }
    }

    [Fact]
    public void A_call_from_another_thread_is_refused()
    {
        using var world = new SeededScheduler(5);
        ISeatGrain? grain = null;
        world.Run(async () => grain = (await Start(world, new Disk())).GrainFactory.GetGrain<ISeatGrain>("thread"));
        Assert.Throws<InvalidOperationException>(() => grain!.Order().GetAwaiter().GetResult());
    }

    [Fact]
    public void Work_that_leaves_the_thread_ends_the_simulation_with_an_error()
    {
        using var world = new SeededScheduler(6);
        var failure = Assert.Throws<InvalidOperationException>(() => world.Run(async () =>
        {
            var thread = new Thread(() => Task.Factory.StartNew(
                static () => { }, CancellationToken.None, TaskCreationOptions.None, world.TaskScheduler));
            thread.Start();
            thread.Join();
            await world.Delay(TimeSpan.FromSeconds(1));
        }));
        Assert.Contains("thread", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_world_in_which_nothing_can_happen_says_so()
    {
        using var world = new SeededScheduler(8);
        var failure = Assert.Throws<InvalidOperationException>(() => world.Run(() => new TaskCompletionSource().Task));
        Assert.Contains("halt", failure.Message, StringComparison.Ordinal);
    }
}
