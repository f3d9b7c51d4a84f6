using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.Reminders;

/// <summary>
/// Keeps every reminder of the table waiting for its tick. The process owns the table, so it is read once, at the start.
/// </summary>
internal sealed class ReminderService(InProcess.Engine engine, IReminderTable table, IOptions<ReminderOptions> options)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan s_readAgainAfter = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time = engine.Time(ReminderTimeProviderNames.Reminders);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();

    // Sorted, so that nothing depends on the order of a hash.
    private readonly SortedDictionary<(GrainId Grain, string Name), RunningReminder> _running = new(
        Comparer<(GrainId Grain, string Name)>.Create((one, other) => one.Grain.CompareTo(other.Grain) is var order && order != 0
            ? order
            : string.CompareOrdinal(one.Name, other.Name)));

    private bool _isStopped;
    private Task _loading = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Value.InitializationTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await table.StartAsync(either.Token);
        _loading = Task.Factory
            .StartNew(Load, CancellationToken.None, TaskCreationOptions.DenyChildAttach, engine.Scheduler.Background)
            .Unwrap();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stop.Cancel();
        await _loading.WaitAsync(cancellationToken);
        RunningReminder[] running;
        lock (_lock)
        {
            _isStopped = true;
            running = [.. _running.Values];
            _running.Clear();
        }

        foreach (var reminder in running)
        {
            reminder.Stop();
        }

        foreach (var reminder in running)
        {
            await reminder.Ended.WaitAsync(cancellationToken);
        }

        await table.StopAsync(cancellationToken);
    }

    public void Dispose() => _stop.Dispose();

    internal async Task<IGrainReminder> Register(GrainId grain, string name, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, TimeSpan.Zero);
        if (period < options.Value.MinimumReminderPeriod)
        {
            throw new ArgumentException(
                $"The reminder {name} has a period of {period}; the least is {options.Value.MinimumReminderPeriod}.", nameof(period));
        }

        var entry = new ReminderEntry
        {
            GrainId = grain,
            ReminderName = name,
            StartAt = _time.GetUtcNow().UtcDateTime + dueTime,
            Period = period,
        };
        entry.ETag = await table.UpsertRow(entry)
            ?? throw new ReminderException($"The reminder {name} of {grain} was set by someone else meanwhile: try again.");
        Run(entry, replace: true);
        return Reminder.Of(entry);
    }

    internal async Task Unregister(IGrainReminder reminder)
    {
        var (grain, name, eTag) = (Reminder)reminder;
        if (!await table.RemoveRow(grain, name, eTag) && await table.ReadRow(grain, name) is not null)
        {
            throw new ReminderException($"The reminder {name} of {grain} was set anew meanwhile, so it stays.");
        }

        lock (_lock)
        {
            if (_running.Remove((grain, name), out var running))
            {
                running.Stop();
            }
        }
    }

    internal async Task<IGrainReminder?> Find(GrainId grain, string name) =>
        await table.ReadRow(grain, name) is { } entry ? Reminder.Of(entry) : null;

    internal async Task<List<IGrainReminder>> FindAll(GrainId grain) =>
        [.. (await table.ReadRows(grain)).Reminders.Select(Reminder.Of)];

    // The host is up while this goes on: a store that is away for a while delays reminders, not the start.
    private async Task Load()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                foreach (var entry in (await table.ReadRows(0, 0)).Reminders)
                {
                    Run(entry, replace: false);
                }

                return;
            }
            catch (Exception failure)
            {
                engine.Log.LogError(failure, "The reminders could not be read; trying again in {Wait}", s_readAgainAfter);
                await Task.Delay(s_readAgainAfter, _time, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
    }

    private void Run(ReminderEntry entry, bool replace)
    {
        lock (_lock)
        {
            var key = (entry.GrainId, entry.ReminderName);
            if (_isStopped || (_running.TryGetValue(key, out var before) && !replace))
            {
                // One set since the start is newer than what the start has read.
                return;
            }

            before?.Stop();
            var reminder = new RunningReminder(engine, _time, entry);
            _running[key] = reminder;
            reminder.Start();
        }
    }
}
