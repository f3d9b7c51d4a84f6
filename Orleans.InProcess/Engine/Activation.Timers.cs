namespace Orleans.InProcess;

/// <content>The timers of the grain; they end with it.</content>
internal sealed partial class Activation
{
    private List<GrainTimer>? _timers;

    internal GrainTimer StartTimer(Func<CancellationToken, Task> callback, Runtime.GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options);
        (_timers ??= []).Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    internal void Forget(GrainTimer timer) => _timers?.Remove(timer);

    private void StopTimers()
    {
        var timers = _timers;
        _timers = null;
        foreach (var timer in timers ?? [])
        {
            timer.Dispose();
        }
    }
}
