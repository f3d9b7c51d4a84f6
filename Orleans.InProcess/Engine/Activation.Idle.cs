namespace Orleans.InProcess;

/// <content>When it has been idle for long enough to go.</content>
internal sealed partial class Activation
{
    private bool _wasUsed = true;
    private long _idleSince;
    private long _keepUntil;

    /// <summary>Keeps it for a time from now, for ever, or (negative) no longer.</summary>
    internal void DelayDeactivation(TimeSpan time)
    {
        if (time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan)
        {
            _keepUntil = long.MaxValue;
        }
        else
        {
            _keepUntil = time <= TimeSpan.Zero ? 0 : Engine.ActivationClock.Now + (long)time.TotalMilliseconds;
        }
    }

    /// <summary>
    /// Asks it to go where it is <paramref name="age"/> ms idle. A look costs no clock on any call: a call sets a flag, and
    /// idleness counts from the look that found the flag not set again.
    /// </summary>
    internal void CollectIfIdle(long now, long age)
    {
        if (_wasUsed || _running.Count > 0 || _waiting.Count > 0)
        {
            _wasUsed = false;
            _idleSince = now;
        }
        else if (now - _idleSince >= age && now >= _keepUntil && _life == Life.Valid)
        {
            Post(new StepTurn("collect", activation => activation.LeaveIfIdle()));
        }
    }

    private void LeaveIfIdle()
    {
        if (!_wasUsed && _running.Count == 0 && _waiting.Count == 0)
        {
            Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "Nobody called for a while."));
        }
    }
}
