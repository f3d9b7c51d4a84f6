using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>
/// One grain in memory. Everything it does is a turn of its mailbox, so nothing here but <see cref="Post"/> meets a second
/// thread. This part is the mailbox; the others are calls, life and timers.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "What it owns it disposes of when it ends.")]
internal sealed partial class Activation : Destination, IGrainContext, IThreadPoolWorkItem, ITraced
{
    [ThreadStatic]
    private static Activation? t_current;

    private static readonly Action<object?> s_drain = static state => ((Activation)state!).Drain();

    private Mailbox _mailbox = new();
    private AsyncServiceScope? _scope;

    internal Activation(Engine engine, GrainId id, GrainClass grainClass)
    {
        Engine = engine;
        GrainId = id;
        Class = grainClass;
        Scheduler = new ActivationScheduler(this);
    }

    /// <summary>The activation whose turn this thread is in, if any.</summary>
    internal static Activation? Current => t_current;

    /// <inheritdoc/>
    public GrainId GrainId { get; }

    /// <inheritdoc/>
    public object? GrainInstance { get; private set; }

    /// <inheritdoc/>
    public IServiceProvider ActivationServices => (_scope ??= Engine.Services.CreateAsyncScope()).ServiceProvider;

    Label ITraced.Label => new(GrainId);

    internal Engine Engine { get; }

    internal GrainClass Class { get; }

    internal ActivationScheduler Scheduler { get; }

    /// <summary>The activation a grain lives in.</summary>
    internal static Activation Of(IGrainBase grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return (Activation)grain.GrainContext;
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override string ToString() => $"{GrainId} ({_life})";

    /// <summary>Adds a turn, from any thread.</summary>
    internal void Post(Turn turn)
    {
        if (_mailbox.Post(turn))
        {
            Engine.Scheduler.Run(this);
        }
    }

    /// <inheritdoc/>
    internal override void Receive(Call call)
    {
        Volatile.Write(ref call.Home, this);
        Post(call);
    }

    // Within a task of the activation's scheduler, so that what a grain awaits or starts finds that scheduler as current.
    // Starting it comes straight back through QueueTask, which runs a drain in place.
    void IThreadPoolWorkItem.Execute()
    {
        if (!Engine.IsKilled)
        {
            new Task(s_drain, this).Start(Scheduler);
        }
    }

    private void Take(Turn turn)
    {
        try
        {
            turn.Run(this);
            RunWaiting();
        }
        catch (Exception failure)
        {
            // Never a grain's own failure: those are answers. Without this the mailbox would stand still for ever.
            if (Engine.Log.IsEnabled(LogLevel.Critical))
            {
                Engine.Log.LogCritical(failure, "The engine failed in a turn of {Grain}", GrainId);
            }
        }
    }

    private void Drain()
    {
        var outer = t_current;
        t_current = this;
        var clean = ExecutionContext.Capture();
        try
        {
            if (_life == Life.New)
            {
                Begin();
            }

            for (var left = Engine.Scheduler.TurnsPerRun; left > 0; left--)
            {
                var turn = _mailbox.Take();
                if (turn is null)
                {
                    WatchIfBusy();
                    if (_mailbox.TryIdle())
                    {
                        return;
                    }

                    continue;
                }

                Take(turn);
                if (!ReferenceEquals(ExecutionContext.Capture(), clean) && clean is not null)
                {
                    // What a turn set on the flow (a request context) ends with the turn.
                    ExecutionContext.Restore(clean);
                }
            }

            WatchIfBusy();
        }
        finally
        {
            t_current = outer;
        }

        if (!_mailbox.TryIdle())
        {
            Engine.Scheduler.Run(this);
        }
    }
}
