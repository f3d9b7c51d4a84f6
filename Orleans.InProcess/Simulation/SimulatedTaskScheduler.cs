namespace Orleans.InProcess.Simulation;

/// <summary>
/// Makes every task a step of its own: they run in any order, as on a pool of threads. An async loop still sees its own
/// awaits in order, since each waits for the one before.
/// </summary>
internal sealed class SimulatedTaskScheduler(SeededScheduler world, SimulatedProcess process) : TaskScheduler
{
    internal void RunHere(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task) => world.Add(new Step(process, task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task>? GetScheduledTasks() => null;
}
