namespace OrleansConcert.Storage.Tests;

/// <summary>Runs tasks one after another on the calling thread, in an order drawn from a seed.</summary>
internal sealed class Turns(Random random) : TaskScheduler
{
    private readonly List<Task> _ready = [];

    /// <summary>Runs a test's body to its end. Nothing left to run before that end is a wait for ever, and fails.</summary>
    public void Run(Func<Task> body)
    {
        // The test framework's own context would draw every await away from here.
        SynchronizationContext.SetSynchronizationContext(null);
        var done = Task.Factory.StartNew(body, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();
        while (!done.IsCompleted)
        {
            Assert.True(_ready.Count > 0, "Everybody waits for ever.");
            var chosen = random.Next(_ready.Count);
            var task = _ready[chosen];
            _ready.RemoveAt(chosen);
            TryExecuteTask(task);
        }

        done.GetAwaiter().GetResult();
    }

    protected override void QueueTask(Task task) => _ready.Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;
}
