using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.InProcess;

/// <summary>A call through a grain interface, with its copied arguments and the task its caller awaits.</summary>
internal sealed class Request<TArgs, TResult> : Call
{
    private static readonly Task<TResult> s_nobodyWaits = Task.FromResult<TResult>(default!);

    private readonly GrainMethod<TArgs, TResult> _method;
    private readonly TaskCompletionSource<TResult>? _answer;
    private readonly RequestCancellation? _cancellation;
    private TArgs _args;

    /// <param name="method">What is called.</param>
    /// <param name="args">Its arguments, already copied.</param>
    /// <param name="options">How the caller's task completes.</param>
    internal Request(GrainMethod<TArgs, TResult> method, TArgs args, TaskCreationOptions options)
    {
        _method = method;
        _args = args;
        if (!method.IsOneWay)
        {
            _answer = new TaskCompletionSource<TResult>(options);
        }

        if (method.Code.Cancellation is { } token)
        {
            _cancellation = new RequestCancellation(token.Of(args));
            _args = token.Replaced(args, _cancellation.Token);
        }
    }

    public override Label Label => new(Reference!.GrainId, _method.Name);

    internal override bool IsAlwaysInterleave => _method.IsAlwaysInterleave;

    internal override bool IsReadOnly => _method.IsReadOnly;

    /// <summary>What the caller awaits; complete already where nobody waits.</summary>
    internal Task<TResult> Answer => _answer?.Task ?? s_nobodyWaits;

    /// <summary>Begins to listen to the caller's token. To be called once it is clear where the call goes.</summary>
    internal void ListenForCancellation() => _cancellation?.Listen(this, Cancel);

    internal override void Invoke(Activation activation)
    {
        if (Context is not null)
        {
            RequestContext.Values = Context;
        }

        ValueTask<TResult> result;
        try
        {
            result = _method.Code.Invoke(activation.GrainInstance!, _args);
        }
        catch (Exception failure)
        {
            Failed(activation, failure);
            activation.Completed(this);
            return;
        }

        if (!result.IsCompletedSuccessfully)
        {
            _ = Finish(activation, result);
            return;
        }

        Succeed(result.Result);
        activation.Completed(this);
    }

    internal override void Fail(Exception failure)
    {
        if (!TrySettle() || _answer is null)
        {
            return;
        }

        _cancellation?.StopListening();
        var crossed = ExceptionCrossing.Cross(failure);
        Complete(crossed, static (answer, error) => answer.TrySetException(error));
    }

    internal override void Expire()
    {
        // The grain goes on, and its token stays as it is: so it is in Orleans unless asked for.
        Fail(new TimeoutException(
            $"Response did not arrive on time in {_method.Timeout ?? Reference!.Engine.ResponseTimeout} for the call {Label}."));
    }

    private void Cancel(CancellationToken token)
    {
        if (!TrySettle())
        {
            return;
        }

        if (_answer is not null)
        {
            Complete(token, static (answer, cancelled) => answer.TrySetCanceled(cancelled));
        }

        _cancellation!.Fire(this);
    }

    private async Task Finish(Activation activation, ValueTask<TResult> result)
    {
        try
        {
            Succeed(await result);
        }
        catch (Exception failure)
        {
            Failed(activation, failure);
        }

        activation.Completed(this);
    }

    private void Succeed(TResult result)
    {
        if (_answer is null || IsSettled)
        {
            return;
        }

        if (_method.Code.CopyResult is { } copy)
        {
            try
            {
                result = copy(result);
            }
            catch (Exception failure)
            {
                Fail(failure);
                return;
            }
        }

        if (TrySettle())
        {
            _cancellation?.StopListening();
            Complete(result, static (answer, value) => answer.TrySetResult(value));
        }
    }

    private void Failed(Activation activation, Exception failure)
    {
        activation.CallFailed(failure);
        if (_answer is null)
        {
            activation.Engine.Log.LogWarning(failure, "The one-way call {Call} failed", Label);
        }

        Fail(failure);
    }

    private void Complete<TOutcome>(TOutcome outcome, Action<TaskCompletionSource<TResult>, TOutcome> complete)
    {
        var engine = Reference!.Engine;
        if (engine.IsImmediate)
        {
            complete(_answer!, outcome);
        }
        else
        {
            var answer = _answer!;
            engine.Scheduler.Deliver(new Answer(Label with { Outcome = "answered" }, () => complete(answer, outcome)));
        }
    }
}
