using Microsoft.Extensions.Logging;

namespace OrleansConcert.Grains.Journal;

/// <summary>
/// A journaled grain with deadlines: a timer wakes it at the next one, and a reminder wakes it after it was lost. Neither decides
/// anything: a deadline is state, and whoever asks after it finds it passed.
/// </summary>
public abstract partial class WakingGrain<TState, TEvent>(
    JournaledGrainServices services, JournalFormat<TState, TEvent> format)
    : JournaledGrain<TState, TEvent>(services, format), IRemindable
    where TState : class
    where TEvent : class
{
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    /// <summary>How long a reminder outlives the last work, so that a lone hold does not cost two writes.</summary>
    private static readonly TimeSpan ReminderKeptFor = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Queue<Sweep> _sweeps = new();
    private IGrainTimer? _timer;
    private Instant _wakeAt = Instant.Never;
    private Instant _lastWorkAt;

    /// <summary>The reminder's registration, under way or done; null where there may be none.</summary>
    private Task? _reminder;

    /// <summary>When something has to be done without anybody asking; <see cref="Instant.Never"/> for nothing.</summary>
    protected abstract Instant NextWake(Instant now);

    /// <summary>Does what is due.</summary>
    protected abstract Task Tick();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _timer = this.RegisterGrainTimer(
            OnTimer, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        Arm();
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        _reminder ??= Task.CompletedTask;
        try
        {
            await Tick();
        }
        catch (UnavailableException exception)
        {
            LogTickFailed(Log, Stream, exception);
            throw;
        }

        Arm();
        if (IsIdle && await this.GetReminder(WireNames.WakeUpReminder) is { } reminder && IsIdle)
        {
            // In the turn of the last look: work that begins from here on registers anew, and that one is not removed.
            _reminder = null;
            await this.UnregisterReminder(reminder);
        }
    }

    /// <summary>Starts the grain: its activation has set the timer. It is up when it has told others what they must know.</summary>
    public virtual Task Wake() => Task.CompletedTask;

    /// <summary>
    /// Sees to it that the grain is woken should its memory be lost. Awaited before work is begun that only this grain can end: a
    /// write that fails may still land, and then nobody else knows of it.
    /// </summary>
    /// <exception cref="UnavailableException">There is no reminder; nothing was begun.</exception>
    protected async Task BeWoken()
    {
        _lastWorkAt = Now;
        Task? reminder = null;
        try
        {
            // Throws at once where the host is on its way out.
            reminder = _reminder ??= this.RegisterOrUpdateReminder(WireNames.WakeUpReminder, ReminderPeriod, ReminderPeriod);
            await reminder;
        }
        catch (Exception exception)
        {
            LogNoReminder(Log, Stream, exception);
            _reminder = _reminder == reminder ? null : _reminder;
            throw new UnavailableException("The journal can't take a reminder now.", exception);
        }
    }

    /// <summary>Sets the timer for the next deadline; to be called after anything that may have moved it.</summary>
    protected void Arm()
    {
        var now = Now;
        var next = NextWake(now);
        if (next != _wakeAt)
        {
            _wakeAt = next;
            _timer!.Change(next == Instant.Never ? Timeout.InfiniteTimeSpan : Due(next - now), Timeout.InfiniteTimeSpan);
        }

        if (HasUnfinishedWork)
        {
            _lastWorkAt = now;
            if (_reminder is null)
            {
                _ = InBackground(BeWoken());
            }
        }
    }

    private bool IsIdle => !HasUnfinishedWork && _lastWorkAt + ReminderKeptFor < Now;

    /// <summary>Notes that the events just folded tidied up what the clock had ended. It is told when they are durable.</summary>
    protected void Swept(int count, string what, TimeSpan oldest) => _sweeps.Enqueue(new(Version, count, what, oldest, Now));

    protected override void OnDurable(TEvent happened, long version)
    {
        while (_sweeps.TryPeek(out var sweep) && sweep.Version <= version)
        {
            _sweeps.Dequeue();
            LogSwept(
                Log, Stream, sweep.Count, sweep.What, sweep.Oldest.TotalMilliseconds, (Now - sweep.StartedAt).TotalMilliseconds);
        }
    }

    private static TimeSpan Due(TimeSpan left) =>
        left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left < LongestTimer ? left : LongestTimer;

    private async Task OnTimer(CancellationToken cancellationToken)
    {
        _wakeAt = Instant.Never;
        try
        {
            await Tick();
            Arm();
        }
        catch (UnavailableException exception)
        {
            LogTickFailed(Log, Stream, exception);
            _wakeAt = Now + RetryAfter;
            _timer!.Change(RetryAfter, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "{Stream}: {Count} {What}, the oldest {OverdueMilliseconds} ms ago; durable after {TookMilliseconds} ms")]
    private static partial void LogSwept(
        ILogger logger, string stream, int count, string what, double overdueMilliseconds, double tookMilliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Stream}: what is due could not be done; it is tried again")]
    private static partial void LogTickFailed(ILogger logger, string stream, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} has no reminder; it is tried again with the next change")]
    private static partial void LogNoReminder(ILogger logger, string stream, Exception exception);

    private sealed record Sweep(long Version, int Count, string What, TimeSpan Oldest, Instant StartedAt);
}
