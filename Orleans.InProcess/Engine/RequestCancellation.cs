using Microsoft.Extensions.Logging;

namespace Orleans.InProcess;

#pragma warning disable CA1001 // A source without a timer or a parent holds nothing that needs disposing.
/// <summary>Ties the token the caller gave to the token the grain gets. The grain's fires within the grain's own turns.</summary>
internal sealed class RequestCancellation(CancellationToken callers)
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _grains = new();
    private CancellationTokenRegistration _registration;

    /// <summary>The token the grain gets.</summary>
    internal CancellationToken Token => _grains.Token;

    /// <summary>Calls <paramref name="cancelled"/> when the caller's token fires; at once where it has.</summary>
    internal void Listen(Call call, Action<CancellationToken> cancelled)
    {
        if (!callers.CanBeCanceled)
        {
            return;
        }

        _registration = callers.UnsafeRegister(static (state, token) => ((Action<CancellationToken>)state!)(token), cancelled);
        if (call.IsSettled)
        {
            // Answered before the line above had its result: nobody else lets go of the caller's token.
            _registration.Unregister();
        }
    }

    internal void StopListening() => _registration.Unregister();

    /// <summary>Fires the grain's token, as a turn of the activation the call is in; one that never arrived never runs.</summary>
    internal void Fire(Call call)
    {
        if (call.Home is not { } activation)
        {
            return;
        }

        var turn = new StepTurn("cancel", FireHere);
        if (activation.Engine.IsImmediate)
        {
            activation.Post(turn);
        }
        else
        {
            activation.Engine.Scheduler.Deliver(new Answer(call.Label with { Outcome = "cancelled" }, () => activation.Post(turn)));
        }
    }

    private void FireHere(Activation activation)
    {
        try
        {
            _grains.Cancel();
        }
        catch (AggregateException failure)
        {
            activation.Engine.Log.LogWarning(failure, "A cancellation callback of {Grain} failed", activation.GrainId);
        }
    }
}
