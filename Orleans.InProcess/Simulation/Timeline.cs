namespace Orleans.InProcess.Simulation;

/// <summary>The time of a simulated world: it stands still while anything is ready and then jumps to what is due next.</summary>
internal sealed class Timeline(SeededScheduler world, DateTimeOffset start)
{
    private readonly PriorityQueue<SimulatedTimer.Due, (long At, long Order)> _due = new();
    private long _lastOrder;

    /// <summary>Since the world began.</summary>
    internal TimeSpan Elapsed { get; private set; }

    internal DateTimeOffset Now => start + Elapsed;

    internal void Add(SimulatedTimer.Due due, TimeSpan wait) =>
        _due.Enqueue(due, (Elapsed.Ticks + Math.Max(0, wait.Ticks), ++_lastOrder));

    /// <summary>Jumps to the next instant at which something is due, and makes that ready; false where nothing ever is.</summary>
    internal bool Jump()
    {
        var jumped = false;
        while (_due.TryPeek(out var due, out var when) && (!jumped || when.At <= Elapsed.Ticks))
        {
            _due.Dequeue();
            if (due.IsWanted)
            {
                jumped = true;
                Elapsed = TimeSpan.FromTicks(Math.Max(when.At, Elapsed.Ticks));
                world.Add(new Step(due.Timer.Process, due));
            }
        }

        return jumped;
    }
}
