namespace Orleans.InProcess.Simulation;

/// <summary>
/// A world in which everything runs on one thread, one step at a time, and a seed chooses the next step among all that is
/// ready: a turn of a grain, a message or an answer that arrives, a continuation, a timer that is due. When nothing is ready
/// time jumps to the next timer. The same seed gives the same steps, in any process.
/// </summary>
/// <remarks>
/// What must not be done in it: <c>ConfigureAwait(false)</c>, <c>Task.Run</c>, real I/O, real clocks, walking a collection in
/// hash order. Work that comes back from another thread ends the simulation with an error.
/// </remarks>
public sealed class SeededScheduler : IDisposable
{
    private const int StackBytes = 16 * 1024 * 1024;

    private readonly Random _chooser;
    private readonly List<Step> _ready = [];
    private readonly Timeline _timeline;
    private readonly TraceDigest _trace;
    private Thread? _thread;
    private volatile Exception? _fault;

    /// <param name="seed">What chooses.</param>
    /// <param name="trace">Gets one line a step, for a reader; the digest needs none.</param>
    /// <param name="start">The instant at which the world begins; 2030-01-01 unless given.</param>
    public SeededScheduler(int seed, TextWriter? trace = null, DateTimeOffset? start = null)
    {
        Seed = seed;
        _chooser = new Random(seed);
        Random = new Random(unchecked((seed * 31) + 17));
        _trace = new TraceDigest(trace);
        _timeline = new Timeline(this, start ?? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Outside = new SimulatedProcess(this, "outside");
    }

    /// <summary>What chooses.</summary>
    public int Seed { get; }

    /// <summary>How many steps were taken.</summary>
    public long Steps { get; private set; }

    /// <summary>After how many steps a run ends with an error: what never comes to an end is a failure too. Default: no limit.</summary>
    public long StepsMax { get; init; } = long.MaxValue;

    /// <summary>Chance for what runs in this world: a disk that fails, a client that wavers. Apart from the chooser's.</summary>
    public Random Random { get; }

    /// <summary>The process that no engine belongs to: clients and the test itself. It is never killed.</summary>
    public SimulatedProcess Outside { get; }

    /// <summary>Where clients and the test itself run.</summary>
    public TaskScheduler TaskScheduler => Outside.TaskScheduler;

    /// <summary>The clock of this world.</summary>
    public TimeProvider Time => Outside.Time;

    /// <summary>SHA-256 of the steps so far, in hexadecimal: equal for equal histories and no others.</summary>
    public string Digest => _trace.Hex;

    /// <summary>The process whose step runs now.</summary>
    internal SimulatedProcess Current { get; private set; } = null!;

    internal Timeline Timeline => _timeline;

    /// <summary>Completes when that much time of this world has passed.</summary>
    public Task Delay(TimeSpan time, CancellationToken cancellationToken = default) => Task.Delay(time, Time, cancellationToken);

    /// <summary>Begins another process, which can be killed on its own.</summary>
    public SimulatedProcess NewProcess(string name) => new(this, name);

    /// <summary>
    /// Runs <paramref name="main"/> and everything it brings about, until it completes. What is left over then stays until the
    /// next run. Blocks the caller meanwhile.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing was ready or due any more, or work came from another thread.</exception>
    public void Run(Func<Task> main)
    {
        ArgumentNullException.ThrowIfNull(main);
        if (_thread is not null)
        {
            throw new InvalidOperationException("The simulation runs already.");
        }

        Exception? failure = null;
        _thread = new Thread(() => failure = RunHere(main), StackBytes) { IsBackground = true, Name = $"simulation {Seed}" };

        // Without the caller's flow: a thread of its own has neither a task nor a synchronisation context to leak in.
        _thread.UnsafeStart();
        _thread.Join();
        _thread = null;
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Ends the world.</summary>
    public void Dispose()
    {
        _ready.Clear();
        _trace.Dispose();
    }

    /// <summary>Adds a step to those that are ready.</summary>
    internal void Add(Step step)
    {
        if (Thread.CurrentThread != _thread)
        {
            _fault ??= Foreign(step.Label.ToString());
            return;
        }

        if (step.Process.IsAlive)
        {
            _ready.Add(step);
        }
    }

    /// <summary>Throws on any thread but the simulation's.</summary>
    internal void CheckThread()
    {
        if (Thread.CurrentThread != _thread)
        {
            throw Foreign("a call");
        }
    }

    /// <summary>Takes back the steps of a killed process. Answers it had sent still arrive.</summary>
    internal void Drop(SimulatedProcess process)
    {
        for (var i = 0; i < _ready.Count; i++)
        {
            if (_ready[i].Process == process && _ready[i].IsAnswer)
            {
                _ready[i] = _ready[i] with { Process = Outside };
            }
        }

        _ready.RemoveAll(step => step.Process == process);
    }

    private static InvalidOperationException Foreign(string label) =>
        new($"Off the simulation's thread: {label}. Something left it, by Task.Run, ConfigureAwait(false) or real I/O.");

    private Exception? RunHere(Func<Task> main)
    {
        try
        {
            var started = Task.Factory.StartNew(main, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler);
            while (!(started.IsFaulted || started is { IsCompletedSuccessfully: true, Result.IsCompleted: true }))
            {
                TakeStep();
            }

            (started.IsFaulted ? started : started.Result).GetAwaiter().GetResult();
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    private void TakeStep()
    {
        if (_ready.Count == 0 && !_timeline.Jump())
        {
            throw _fault ?? new InvalidOperationException("The simulation came to a halt: nothing is ready and nothing will be due.");
        }

        if (_fault is { } fault)
        {
            throw fault;
        }

        if (Steps >= StepsMax)
        {
            throw new InvalidOperationException($"The simulation did not end within {StepsMax} steps.");
        }

        var place = _chooser.Next(_ready.Count);
        var step = _ready[place];
        _ready[place] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        Steps++;
        _trace.Add(_timeline.Elapsed.Ticks, step.Process.Name, step.Label);
        Current = step.Process;
        step.Execute();
    }
}
