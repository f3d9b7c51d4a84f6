using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <content>From the first turn to the last.</content>
internal sealed partial class Activation
{
    private volatile Life _life = Life.New;
    private DeactivationReason? _endReason;
    private CancellationTokenSource? _endLimit;
    private CancellationTokenSource? _endTimeout;
    private CancellationTokenSource? _activationLimit;
    private bool _wasValid;
    private Exception? _activationFailure;
    private TaskCompletionSource? _deactivated;
    private List<StateBridge>? _states;

    private enum Life
    {
        /// <summary>Not yet had a turn.</summary>
        New,

        /// <summary>OnActivateAsync runs; calls wait.</summary>
        Activating,

        /// <summary>Calls run.</summary>
        Valid,

        /// <summary>Running calls finish, timers tick, new calls wait.</summary>
        Deactivating,

        /// <summary>OnDeactivateAsync runs; nothing else does.</summary>
        Ending,

        /// <summary>Calls go to the next activation.</summary>
        Gone,
    }

    /// <inheritdoc/>
    public Task Deactivated
    {
        get
        {
            var gone = LazyInitializer.EnsureInitialized(ref _deactivated, () => new TaskCompletionSource(Engine.AnswerOptions));
            if (_life == Life.Gone)
            {
                gone.TrySetResult();
            }

            return gone.Task;
        }
    }

    /// <summary>The workers it belongs to, for a stateless worker.</summary>
    internal WorkerPool? Pool { get; init; }

    internal override bool IsClosed => _life == Life.Gone;

    /// <inheritdoc/>
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (Current == this)
        {
            Ask(deactivationReason, cancellationToken);
        }
        else
        {
            Post(new StepTurn("deactivate", activation => activation.Ask(deactivationReason, cancellationToken)));
        }
    }

    /// <summary>Adds a record to read before OnActivateAsync.</summary>
    internal void Register(StateBridge state) => (_states ??= []).Add(state);

    /// <summary>The first turn: makes the grain and activates it.</summary>
    internal void Begin()
    {
        _life = Life.Activating;
        Engine.Directory.Add(this);
        _ = Activate();
    }

    private async Task Activate()
    {
        try
        {
            var grain = Class.Create(this);
            GrainInstance = grain;
            if (_states is not null || Class.OverridesOnActivate)
            {
                _activationLimit = new CancellationTokenSource(Engine.Collection.ActivationTimeout, Engine.ActivationTime);
                foreach (var state in _states ?? [])
                {
                    await state.Load(_activationLimit.Token);
                }

                if (grain is IGrainBase actual)
                {
                    await actual.OnActivateAsync(_activationLimit.Token);
                }
            }
        }
        catch (Exception raw)
        {
            // A call that was on its way when the host stopped finds nothing left to make a grain from.
            var failure = raw is ObjectDisposedException && Engine.IsStopped
                ? new SiloUnavailableException("The host stopped before the call had arrived.", raw)
                : raw;
            Engine.Log.LogWarning(failure, "{Grain} could not be activated", GrainId);
            _activationFailure = failure;
            _endReason ??= new DeactivationReason(DeactivationReasonCode.ActivationFailed, failure, "The activation failed.");
        }
        finally
        {
            _activationLimit?.Dispose();
            _activationLimit = null;
        }

        if (_endReason is null or { ReasonCode: DeactivationReasonCode.ShuttingDown } && _activationFailure is null)
        {
            _life = Life.Valid;
            _wasValid = true;
            _lookAtWaiting = true;
            RunWaiting();
        }

        if (_endReason is not null && _life is (Life.Activating or Life.Valid))
        {
            // Else a call that had waited has asked for the end, and that is under way or over.
            _life = Life.Deactivating;
            EndIfAsked();
        }
    }

    private void Ask(DeactivationReason reason, CancellationToken token)
    {
        if (_endReason is not null)
        {
            return;
        }

        _endReason = reason;
        _endTimeout = new CancellationTokenSource(Engine.Collection.DeactivationTimeout, Engine.ActivationTime);
        _endLimit = CancellationTokenSource.CreateLinkedTokenSource(token, _endTimeout.Token);
        if (_life == Life.Valid)
        {
            _life = Life.Deactivating;
            EndIfAsked();
        }
        else
        {
            // A stop lets it come up and serve who waits, lest a grain that still runs waits for it in vain.
            if (reason.ReasonCode != DeactivationReasonCode.ShuttingDown)
            {
                _activationLimit?.Cancel();
            }
        }
    }

    private void EndIfAsked()
    {
        if (_life == Life.Deactivating && _running.Count == 0)
        {
            _life = Life.Ending;
            _ = End();
        }
    }

    private async Task End()
    {
        StopTimers();
        var limit = _endLimit?.Token ?? CancellationToken.None;
        try
        {
            if (_wasValid && Class.OverridesOnDeactivate && GrainInstance is IGrainBase grain)
            {
                await grain.OnDeactivateAsync(_endReason!.Value, limit).WaitAsync(limit);
            }
        }
        catch (Exception failure)
        {
            Engine.Log.LogError(failure, "OnDeactivateAsync of {Grain} failed", GrainId);
        }

        // From here a new activation may begin.
        Engine.Directory.Remove(this);
        _life = Life.Gone;
        PassOnWaiting();
        await Dispose();
        _endLimit?.Dispose();
        _endTimeout?.Dispose();
        Engine.Directory.Ended(this);
        _deactivated?.TrySetResult();
    }

    private async Task Dispose()
    {
        try
        {
            switch (GrainInstance)
            {
                case IAsyncDisposable grain:
                    await grain.DisposeAsync();
                    break;
                case IDisposable grain:
                    grain.Dispose();
                    break;
            }

            if (_scope is { } scope)
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception failure)
        {
            Engine.Log.LogWarning(failure, "{Grain} could not be disposed of", GrainId);
        }
    }
}
