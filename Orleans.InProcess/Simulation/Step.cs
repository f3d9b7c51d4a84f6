namespace Orleans.InProcess.Simulation;

/// <summary>Something ready to run.</summary>
/// <param name="Process">Whose it is.</param>
/// <param name="Work">A work item, a task of <see cref="SimulatedTaskScheduler"/> or a timer that is due.</param>
internal readonly record struct Step(SimulatedProcess Process, object Work)
{
    /// <summary>What it is, for the trace.</summary>
    internal Label Label => Work switch
    {
        ITraced traced => traced.Label,
        Task => new Label("continue"),
        SimulatedTimer.Due => new Label("timer"),
        _ => new Label(Work.GetType().Name),
    };

    internal bool IsAnswer => Work is Answer;

    internal void Execute()
    {
        switch (Work)
        {
            case IThreadPoolWorkItem item:
                item.Execute();
                break;
            case Task task:
                Process.Tasks.RunHere(task);
                break;
            case SimulatedTimer.Due due:
                due.Fire();
                break;
        }
    }
}
