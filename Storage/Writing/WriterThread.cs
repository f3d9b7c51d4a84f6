namespace OrleansConcert.Storage.Writing;

/// <summary>One thread of its own, as a scheduler: what is started on it stays on it over every await.</summary>
internal sealed class WriterThread : TaskScheduler, IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<Task> _tasks = new();
    private readonly Thread _thread;
    private bool _stopping;

    public WriterThread()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "journal writer" };
        _thread.Start();
    }

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Ends the thread once its queue is empty; does not wait for it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            _tasks.Enqueue(task);
            Monitor.Pulse(_gate);
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Thread.CurrentThread == _thread && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
        {
            return [.. _tasks];
        }
    }

    private void Run()
    {
        while (Next() is { } task)
        {
            TryExecuteTask(task);
        }
    }

    private Task? Next()
    {
        lock (_gate)
        {
            while (_tasks.Count == 0 && !_stopping)
            {
                Monitor.Wait(_gate);
            }

            return _tasks.TryDequeue(out var task) ? task : null;
        }
    }
}
