using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Reminders;

namespace OrleansConcert.Engine.Tests.InProcess;

/// <summary>A clock that is moved just as somebody begins to wait by it.</summary>
public sealed class Leaps
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_reminder_that_came_due_while_its_timer_was_set_ticks_without_another()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleans(silo => silo.UseLocalhostClustering().UseInMemoryReminderService());
        builder.Services.AddKeyedSingleton<TimeProvider>(ReminderTimeProviderNames.Reminders, new LeapingTime());
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Signals.Limit);
        await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IRemindedGrain>("leapt").Remind("a", Minute, 10 * Minute);
        Assert.Equal("a 00:00:00 00:10:00", await Signals.Hear("leapt"));
        await host.StopAsync().WaitAsync(Signals.Limit);
    }

    /// <summary>A minute passes between the reading of the clock and the setting of the first timer.</summary>
    private sealed class LeapingTime : TimeProvider
    {
        private readonly FakeTime _time = new();
        private int _leaps;

        public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Minute && Interlocked.Increment(ref _leaps) == 1)
            {
                _time.Advance(Minute);
            }

            return _time.CreateTimer(callback, state, dueTime, period);
        }
    }
}
