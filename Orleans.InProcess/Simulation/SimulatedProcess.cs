namespace Orleans.InProcess.Simulation;

/// <summary>
/// A process of a simulated world: an engine and whatever else (a journal's writer, say) runs under its
/// <see cref="TaskScheduler"/> and by its <see cref="Time"/>. Killed, none of it takes another step.
/// </summary>
public sealed class SimulatedProcess : IEngineScheduler
{
    private readonly SeededScheduler _world;
    private List<Call> _callsFromElsewhere = [];
    private int _tidyAt = 64;
    private bool _isDying;

    internal SimulatedProcess(SeededScheduler world, string name)
    {
        _world = world;
        Name = name;
        Tasks = new SimulatedTaskScheduler(world, this);
        Time = new SimulatedTime(world.Timeline, this);
    }

    /// <summary>Its name in the trace.</summary>
    public string Name { get; }

    /// <summary>Whether it has not been killed.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <summary>Where its loops and continuations run.</summary>
    public TaskScheduler TaskScheduler => Tasks;

    /// <summary>Its clock: the world's time; its timers end with it.</summary>
    public TimeProvider Time { get; }

    /// <inheritdoc/>
    public TaskScheduler Background => Tasks;

    /// <inheritdoc/>
    public bool IsImmediate => false;

    /// <inheritdoc/>
    public int TurnsPerRun => 1;

    /// <inheritdoc/>
    public int Parallelism => 2;

    internal SimulatedTaskScheduler Tasks { get; }

    /// <summary>Starts an async loop, such as a journal's writer, as part of this process.</summary>
    public Task Start(Func<Task> loop) =>
        Task.Factory.StartNew(loop, CancellationToken.None, TaskCreationOptions.DenyChildAttach, Tasks).Unwrap();

    /// <inheritdoc/>
    public void Run(IThreadPoolWorkItem turns) => _world.Add(new Step(this, turns));

    /// <inheritdoc/>
    public void Deliver(IThreadPoolWorkItem message)
    {
        if (message is Call call && _world.Current != this)
        {
            Remember(call);
        }

        _world.Add(new Step(_isDying ? _world.Outside : this, message));
    }

    /// <inheritdoc/>
    public void CheckCaller() => _world.CheckThread();

    /// <summary>
    /// Ends the process as a crash would. No turn, continuation or timer of it runs any more; answers it had sent still arrive;
    /// callers elsewhere whose calls it had not answered get a <see cref="Runtime.SiloUnavailableException"/>.
    /// </summary>
    public void Kill()
    {
        _world.CheckThread();
        if (!IsAlive || this == _world.Outside)
        {
            return;
        }

        _isDying = true;
        foreach (var call in _callsFromElsewhere)
        {
            call.Fail(new Runtime.SiloUnavailableException($"The process {Name} was killed."));
        }

        _callsFromElsewhere = [];
        IsAlive = false;
        _world.Drop(this);
    }

    private void Remember(Call call)
    {
        _callsFromElsewhere.Add(call);
        if (_callsFromElsewhere.Count > _tidyAt)
        {
            _callsFromElsewhere.RemoveAll(other => other.IsSettled);
            _tidyAt = Math.Max(64, 2 * _callsFromElsewhere.Count);
        }
    }
}
