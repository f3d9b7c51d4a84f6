using Orleans.Runtime;

namespace Orleans.InProcess;

/// <content>The engine's beginning and end.</content>
internal sealed partial class Engine
{
    private volatile State _state = State.New;
    private ITimer? _collector;

    private enum State
    {
        New,
        Running,

        /// <summary>Grains still call each other; nobody outside gets in.</summary>
        Stopping,
        Stopped,
        Killed,
    }

    /// <summary>Whether nothing of this engine may run any more.</summary>
    internal bool IsKilled => _state == State.Killed;

    /// <summary>Whether the host has stopped: what the grains were made from may be gone.</summary>
    internal bool IsStopped => _state is State.Stopped or State.Killed;

    /// <summary>Begins to take calls.</summary>
    internal void Start()
    {
        _state = State.Running;
        var age = (long)Collection.CollectionAge.TotalMilliseconds;
        using (Flow.Suppress())
        {
            _collector = ActivationTime.CreateTimer(
                _ => CollectIdle(age), null, Collection.CollectionQuantum, Collection.CollectionQuantum);
        }
    }

    /// <summary>
    /// Refuses calls from outside, lets running ones finish, and ends every activation. When <paramref name="hurry"/> fires,
    /// what still runs is abandoned and its callers are told.
    /// </summary>
    internal async Task Stop(CancellationToken hurry)
    {
        if (_state != State.Running)
        {
            return;
        }

        _state = State.Stopping;
        _collector?.Dispose();
        try
        {
            var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The host stops.");

            // A grain that still runs may bring others back, hence rounds.
            while (Directory.All is { Length: > 0 } activations)
            {
                foreach (var activation in activations)
                {
                    activation.Deactivate(reason, hurry);
                }

                foreach (var activation in activations)
                {
                    await activation.Deactivated.WaitAsync(hurry);
                }
            }
        }
        catch (OperationCanceledException)
        {
            AbandonCalls();
        }
        finally
        {
            _state = State.Stopped;
            Watch.Dispose();
        }
    }

    /// <summary>From here no turn of this engine runs: what a killed process does.</summary>
    internal void Kill()
    {
        _state = State.Killed;
        _collector?.Dispose();
        Watch.Dispose();
    }

    private void AbandonCalls()
    {
        foreach (var activation in Directory.All)
        {
            activation.Post(new StepTurn("abandon", grain => grain.FailCalls()));
        }
    }

    private void CollectIdle(long age)
    {
        var now = ActivationClock.Now;
        foreach (var activation in Directory.All)
        {
            activation.CollectIfIdle(now, age);
        }
    }

    private void CheckTakesCalls()
    {
        if (!IsImmediate)
        {
            Scheduler.CheckCaller();
        }

        var state = _state;
        if (state != State.Running && (state != State.Stopping || Activation.Current is null))
        {
            throw new SiloUnavailableException("The host has not started, or it stops and takes no more calls.");
        }
    }

    private void CheckNotDisposed() => ObjectDisposedException.ThrowIf(IsStopped, typeof(IClusterClient));
}
