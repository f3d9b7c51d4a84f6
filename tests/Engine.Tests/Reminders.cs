namespace OrleansConcert.Engine.Tests;

public interface IRemindedGrain : IGrainWithStringKey
{
    Task Remind(string name, TimeSpan due, TimeSpan period);

    Task Forget(string name);

    Task<string[]> Known();

    Task HoldTicks(string gate);

    Task<int> Ticks();
}

public sealed class RemindedGrain : Grain, IRemindedGrain, IRemindable
{
    private string? _gate;
    private int _ticks;

    public Task Remind(string name, TimeSpan due, TimeSpan period) => this.RegisterOrUpdateReminder(name, due, period);

    public async Task Forget(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<string[]> Known() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName).Order()];

    public Task HoldTicks(string gate)
    {
        _gate = gate;
        return Task.CompletedTask;
    }

    public Task<int> Ticks() => Task.FromResult(_ticks);

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        _ticks++;
        Signals.Say(this.GetPrimaryKeyString(), $"{reminderName} {status.CurrentTickTime - status.FirstTickTime:c} {status.Period:c}");
        if (_gate is { } gate)
        {
            _gate = null;
            await Signals.Gate(gate);
        }
    }
}

/// <summary>Points 5 and 15: reminders, by a clock that the test moves.</summary>
[Collection("one clock")]
public sealed class Reminders(TimedCluster cluster)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private IRemindedGrain Grain(string key) => cluster.Get<IRemindedGrain>(key);

    [Fact]
    public async Task A_reminder_ticks_when_due_and_every_period_until_it_is_forgotten()
    {
        var grain = Grain("ticking");
        await grain.Remind("a", Minute, 2 * Minute);
        TimedCluster.Time.Advance(Minute);
        Assert.Equal("a 00:00:00 00:02:00", await Signals.Hear("ticking"));
        TimedCluster.Time.Advance(2 * Minute);
        Assert.Equal("a 00:02:00 00:02:00", await Signals.Hear("ticking"));
        await grain.Forget("a");
        TimedCluster.Time.Advance(10 * Minute);
        Assert.Equal(2, await grain.Ticks());
        Assert.Empty(await grain.Known());
    }

    [Fact]
    public async Task A_reminder_brings_its_grain_back()
    {
        var grain = Grain("brought back");
        await grain.Remind("b", Minute, Minute);
        await cluster.Host.DeactivateAsync(grain).WaitAsync(Signals.Limit);
        TimedCluster.Time.Advance(Minute);
        Assert.StartsWith("b 00:00:00", await Signals.Hear("brought back"), StringComparison.Ordinal);
        await grain.Forget("b");
    }

    [Fact]
    public async Task Ticks_missed_while_one_is_running_are_skipped()
    {
        var grain = Grain("skips");
        await grain.HoldTicks("skips gate");
        await grain.Remind("c", Minute, Minute);
        TimedCluster.Time.Advance(Minute);
        Assert.StartsWith("c 00:00:00", await Signals.Hear("skips"), StringComparison.Ordinal);
        TimedCluster.Time.Advance(3.5 * Minute);
        Signals.Open("skips gate");
        Assert.Equal(1, await grain.Ticks().WaitAsync(Signals.Limit));
        TimedCluster.Time.Advance(0.5 * Minute);
        Assert.StartsWith("c 00:04:00", await Signals.Hear("skips"), StringComparison.Ordinal);
        Assert.Equal(2, await grain.Ticks());
        await grain.Forget("c");
    }

    [Fact]
    public async Task A_period_under_a_minute_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(
            () => Grain("floor").Remind("d", Minute, TimeSpan.FromSeconds(59)).WaitAsync(Signals.Limit));
        Assert.Empty(await Grain("floor").Known());
    }

    [Fact]
    public async Task A_reminder_set_again_is_the_same_reminder_with_a_new_time()
    {
        var grain = Grain("again");
        await grain.Remind("e", Minute, Minute);
        await grain.Remind("e", 5 * Minute, Minute);
        await grain.Remind("f", 60 * Minute, Minute);
        Assert.Equal(["e", "f"], await grain.Known());
        TimedCluster.Time.Advance(4 * Minute);
        Assert.Equal(0, await grain.Ticks());
        TimedCluster.Time.Advance(Minute);
        Assert.StartsWith("e 00:00:00", await Signals.Hear("again"), StringComparison.Ordinal);
        await grain.Forget("e");
        await grain.Forget("f");
    }
}
