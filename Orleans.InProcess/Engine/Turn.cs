namespace Orleans.InProcess;

/// <summary>Something an activation does in one turn. Linked into the mailbox by itself, so that posting allocates nothing.</summary>
internal abstract class Turn : ITraced
{
    /// <summary>The next in whichever list this turn is in; it is in one at a time.</summary>
    internal Turn? Next;

    /// <summary>What it is, for the trace of a simulation.</summary>
    public abstract Label Label { get; }

    /// <summary>Runs on the activation's turn.</summary>
    internal abstract void Run(Activation activation);
}

/// <summary>A continuation that comes home to its activation.</summary>
internal sealed class TaskTurn(Task task) : Turn
{
    public override Label Label => new("continue");

    internal override void Run(Activation activation) => activation.Scheduler.RunHere(task);
}

/// <summary>A step of the engine's own, such as a deactivation.</summary>
internal sealed class StepTurn(string label, Action<Activation> step) : Turn
{
    public override Label Label => new(label);

    internal override void Run(Activation activation) => step(activation);
}
