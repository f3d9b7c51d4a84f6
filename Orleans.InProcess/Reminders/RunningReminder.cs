using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.Reminders;

#pragma warning disable CA1001 // A source without a timer or a parent holds nothing that needs disposing.
/// <summary>A reminder that waits for its next tick, or ticks. One is replaced by another when it is set anew.</summary>
/// <param name="engine">The engine that takes the tick to the grain.</param>
/// <param name="time">The reminders' clock.</param>
/// <param name="entry">The row.</param>
internal sealed class RunningReminder(InProcess.Engine engine, TimeProvider time, ReminderEntry entry)
#pragma warning restore CA1001
{
    // What one timer can wait for; a longer wait is made of several.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(40);

    private readonly CancellationTokenSource _stop = new();

    /// <summary>Ends when the reminder has stopped and its last tick, if one runs, has been answered.</summary>
    internal Task Ended { get; private set; } = Task.CompletedTask;

    internal void Start()
    {
        // The ticks belong to no caller.
        using (InProcess.Flow.Suppress())
        {
            Ended = Task.Factory
                .StartNew(Run, CancellationToken.None, TaskCreationOptions.DenyChildAttach, engine.Scheduler.Background)
                .Unwrap();
        }
    }

    /// <summary>No tick begins after this.</summary>
    internal void Stop() => _stop.Cancel();

    private async Task Run()
    {
        DateTime? last = null;
        while (await WaitUntil(last) is { } due)
        {
            last = due;
            await Tick();
        }
    }

    private async Task<DateTime?> WaitUntil(DateTime? last)
    {
        var due = ReminderSchedule.Next(entry, time.GetUtcNow().UtcDateTime, last);
        while (!_stop.IsCancellationRequested)
        {
            var left = due - time.GetUtcNow().UtcDateTime;
            if (left <= TimeSpan.Zero)
            {
                return due;
            }

            // Rounded up, since a timer counts whole milliseconds and one that is early would tick twice.
            var wait = TimeSpan.FromMilliseconds(Math.Ceiling((left < s_longestWait ? left : s_longestWait).TotalMilliseconds));
            var waiting = Task.Delay(wait, time, _stop.Token);
            if (time.GetUtcNow().UtcDateTime < due)
            {
                // Else the clock leapt before the timer was set.
                await waiting.ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }

        return null;
    }

    private async Task Tick()
    {
        try
        {
            var status = new TickStatus(entry.StartAt, entry.Period, time.GetUtcNow().UtcDateTime);
            await engine.Reference<IRemindable>(entry.GrainId).ReceiveReminder(entry.ReminderName, status);
        }
        catch (Exception failure)
        {
            engine.Log.LogWarning(failure, "The reminder {Reminder} of {Grain} failed; it goes on", entry.ReminderName, entry.GrainId);
        }
    }
}
