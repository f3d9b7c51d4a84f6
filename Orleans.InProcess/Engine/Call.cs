using Orleans.Runtime;

namespace Orleans.InProcess;

/// <summary>One call on its way to, in, or back from a grain. A timer tick is one too, with nobody waiting for it.</summary>
internal abstract class Call : Turn, IThreadPoolWorkItem
{
    private int _settled;

    /// <summary>The one before in the list of waiting or of running calls.</summary>
    internal Call? Previous;

    /// <summary>The reference the call went through; null for a timer tick, which only its own activation runs.</summary>
    internal GrainReference? Reference;

    /// <summary>The activation it arrived at last.</summary>
    internal Activation? Home;

    /// <summary>When its caller stops waiting, in milliseconds of the engine's clock.</summary>
    internal long Deadline = long.MaxValue;

    /// <summary>What the caller set in <see cref="RequestContext"/>, never changed in place.</summary>
    internal Dictionary<string, object>? Context;

    internal abstract bool IsAlwaysInterleave { get; }

    internal abstract bool IsReadOnly { get; }

    /// <summary>Whether it counts as use of the activation.</summary>
    internal virtual bool KeepsAlive => true;

    /// <summary>Whether only the activation it was made for may run it.</summary>
    internal bool IsLocal => Reference is null;

    /// <summary>Whether it may run although a call that blocks does: only such calls are worth a look in a long queue.</summary>
    internal bool MayOvertake => IsAlwaysInterleave || IsReadOnly || Context is not null;

    /// <summary>Whether the caller has its answer, so that running it now would serve nobody.</summary>
    internal bool IsSettled => Volatile.Read(ref _settled) != 0;

    /// <summary>Arrives, in a simulation some time after it was sent.</summary>
    void IThreadPoolWorkItem.Execute() => Reference!.Engine.Route(this);

    internal sealed override void Run(Activation activation) => activation.Accept(this);

    /// <summary>Runs the grain's method and sees to it that <see cref="Activation.Completed"/> follows.</summary>
    internal abstract void Invoke(Activation activation);

    /// <summary>Answers the caller with a failure, unless it has an answer.</summary>
    internal abstract void Fail(Exception failure);

    /// <summary>The caller has waited long enough. The grain goes on, its token fires.</summary>
    internal abstract void Expire();

    protected bool TrySettle() => Interlocked.Exchange(ref _settled, 1) == 0;
}
