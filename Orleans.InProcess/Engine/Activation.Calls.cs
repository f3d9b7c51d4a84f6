using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Orleans.InProcess;

/// <content>Which call may run when. The rules are those of Orleans, down to what ends a blocking call's hold.</content>
internal sealed partial class Activation
{
    private CallList _running;
    private CallList _waiting;
    private int _waitingThatMayOvertake;

    // The call that keeps others out. Where it is read-only others like it join; when it ends it keeps nobody out, even
    // if those still run: so it is in Orleans.
    private Call? _blocking;
    private bool _lookAtWaiting;
    private bool _isWatched;
    private List<Guid>? _reentrantChains;

    internal void EnterReentrantSection(Guid chain) => (_reentrantChains ??= []).Add(chain);

    internal void LeaveReentrantSection(Guid chain) => _reentrantChains?.Remove(chain);

    /// <summary>A call has arrived: it runs now, waits, or goes on to the next activation.</summary>
    internal void Accept(Call call)
    {
        if (_life == Life.Gone)
        {
            PassOn(call);
        }
        else if (call.IsSettled)
        {
            StartUnlessSettled(call);
        }
        else if (MayRun(call))
        {
            Start(call);
        }
        else
        {
            _waiting.Add(call);
            _waitingThatMayOvertake += call.MayOvertake ? 1 : 0;
        }
    }

    /// <summary>A running call has ended.</summary>
    internal void Completed(Call call)
    {
        _running.Remove(call);
        if (_blocking is null || _blocking == call)
        {
            _blocking = null;
        }

        _lookAtWaiting = true;
        if (!call.IsLocal)
        {
            Pool?.Leave(this);
        }

        if (_running.Count == 0)
        {
            EndIfAsked();
        }
    }

    /// <summary>A call failed; where the grain's memory is known to be stale the activation ends.</summary>
    internal void CallFailed(Exception failure)
    {
        if (Engine.Log.IsEnabled(LogLevel.Debug))
        {
            Engine.Log.LogDebug(failure, "A call of {Grain} failed", GrainId);
        }

        if (failure is InconsistentStateException { IsSourceActivation: true } stale)
        {
            stale.IsSourceActivation = false;
            Deactivate(new DeactivationReason(
                DeactivationReasonCode.ApplicationError, failure, "The grain's state in storage is not the one it knows."));
        }
    }

    /// <summary>Tells the callers that have waited long enough. A turn, posted by the engine's watch.</summary>
    internal void ExpireCalls(long now)
    {
        ExpireCalls(_running.First, now);
        ExpireCalls(_waiting.First, now);
        if (_running.Count == 0 && _waiting.Count == 0)
        {
            _isWatched = false;
            Engine.Watch.Remove(this);
        }
    }

    /// <summary>Tells every caller that no answer will come.</summary>
    internal void FailCalls()
    {
        var failure = new Runtime.SiloUnavailableException("The host stopped before the call had ended.");
        for (var call = _running.First; call is not null; call = CallList.After(call))
        {
            call.Fail(failure);
        }

        for (var call = _waiting.First; call is not null; call = CallList.After(call))
        {
            call.Fail(failure);
        }
    }

    private static void ExpireCalls(Call? call, long now)
    {
        for (; call is not null; call = CallList.After(call))
        {
            if (call.Deadline <= now && !call.IsSettled)
            {
                call.Expire();
            }
        }
    }

    private void WatchIfBusy()
    {
        if (!_isWatched && (_running.Count > 0 || _waiting.Count > 0))
        {
            _isWatched = true;
            Engine.Watch.Add(this);
        }
    }

    private bool MayRun(Call call)
    {
        if (_life != Life.Valid && !(call.IsLocal && _life == Life.Deactivating))
        {
            return false;
        }

        return _running.Count == 0
            || _blocking is null
            || call.IsAlwaysInterleave
            || Class.IsReentrant
            || (call.IsReadOnly && _blocking.IsReadOnly)
            || IsReentrantChain(call);
    }

    private bool IsReentrantChain(Call call) =>
        _reentrantChains is { Count: > 0 } open
        && call.Context is { } context
        && context.TryGetValue(Runtime.RequestContext.ReentrancyKey, out var chain)
        && open.Contains((Guid)chain);

    private void Start(Call call)
    {
        _running.Add(call);
        if (_blocking is null && !call.IsAlwaysInterleave && !Class.IsReentrant)
        {
            _blocking = call;
        }

        _wasUsed |= call.KeepsAlive;
        call.Invoke(this);
    }

    // In order, each that may run, as the end of one call lets others in.
    private void RunWaiting()
    {
        while (_lookAtWaiting)
        {
            _lookAtWaiting = false;
            var call = _waiting.First;
            while (call is not null && (_blocking is null || _waitingThatMayOvertake > 0 || Class.IsReentrant || call.IsSettled))
            {
                var after = CallList.After(call);
                if (call.IsSettled || MayRun(call))
                {
                    _waiting.Remove(call);
                    _waitingThatMayOvertake -= call.MayOvertake ? 1 : 0;
                    StartUnlessSettled(call);
                    if (_life == Life.Gone)
                    {
                        // Whoever waited has gone on, and is in the next activation's lists by now.
                        return;
                    }
                }

                call = after;
            }
        }
    }

    private void StartUnlessSettled(Call call)
    {
        if (!call.IsSettled)
        {
            Start(call);
        }
        else if (!call.IsLocal)
        {
            Pool?.Leave(this);
        }
    }

    private void PassOn(Call call)
    {
        if (call.IsLocal)
        {
            return;
        }

        Pool?.Leave(this);
        if (call.IsSettled)
        {
            return;
        }

        if (_activationFailure is { } failure)
        {
            call.Fail(failure);
        }
        else
        {
            Engine.Route(call);
        }
    }

    private void PassOnWaiting()
    {
        while (_waiting.First is { } call)
        {
            _waiting.Remove(call);
            PassOn(call);
        }

        _waitingThatMayOvertake = 0;
    }
}
