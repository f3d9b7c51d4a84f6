namespace OrleansConcert.Grains.Tests;

/// <summary>The writer's scheduler: while it is shut, the disk is busy and everything gathers.</summary>
internal sealed class GatedScheduler : TaskScheduler
{
    private readonly Lock _gate = new();
    private readonly Queue<Task> _waiting = new();
    private bool _shut;

    public void Shut()
    {
        lock (_gate)
        {
            _shut = true;
        }
    }

    public void Open()
    {
        lock (_gate)
        {
            _shut = false;
            while (_waiting.TryDequeue(out var task))
            {
                Start(task);
            }
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            if (_shut)
            {
                _waiting.Enqueue(task);
            }
            else
            {
                Start(task);
            }
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    private void Start(Task task) => ThreadPool.UnsafeQueueUserWorkItem(_ => TryExecuteTask(task), null);
}
