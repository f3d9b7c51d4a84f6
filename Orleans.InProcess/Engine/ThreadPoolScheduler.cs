namespace Orleans.InProcess;

/// <summary>Production: turns run on the thread pool, messages arrive at once.</summary>
internal sealed class ThreadPoolScheduler : IEngineScheduler
{
    public TaskScheduler Background => TaskScheduler.Default;

    public bool IsImmediate => true;

    // Enough to spare the pool's queue, few enough that a busy grain does not starve others on its thread.
    public int TurnsPerRun => 200;

    public int Parallelism => Environment.ProcessorCount;

    public void Run(IThreadPoolWorkItem turns) => ThreadPool.UnsafeQueueUserWorkItem(turns, preferLocal: false);

    public void Deliver(IThreadPoolWorkItem message) => message.Execute();

    public void CheckCaller()
    {
    }
}
