namespace Orleans.InProcess;

/// <summary>Brings the continuations of a grain home: what a grain awaits resumes as a turn of its activation.</summary>
internal sealed class ActivationScheduler(Activation owner) : TaskScheduler
{
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Runs a task of this scheduler on the current turn.</summary>
    internal void RunHere(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task)
    {
        if (ReferenceEquals(task.AsyncState, owner))
        {
            // A drain, started where it is to run.
            TryExecuteTask(task);
        }
        else
        {
            owner.Post(new TaskTurn(task));
        }
    }

    // Within the grain's own turn there is nothing to wait for; anywhere else it must come home first.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Activation.Current == owner && TryExecuteTask(task);

    protected override IEnumerable<Task>? GetScheduledTasks() => null;
}
