namespace OrleansConcert.Simulation.Running;

/// <summary>How far a run is: what a progress line says.</summary>
internal sealed class Tally(long seeds)
{
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly TimeSpan _processor = Environment.CpuUsage.TotalTime;
    private long _operations;
    private long _steps;

    public long Seeds { get; private set; }

    public int Finds { get; private set; }

    /// <summary>Operations a second by the clock on the wall.</summary>
    public double Rate => _operations / Math.Max(0.001, Elapsed.TotalSeconds);

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_started);

    /// <summary>What one core does in a second that it has for this: other work on the machine does not count.</summary>
    private double PerCore => _operations / Math.Max(0.001, (Environment.CpuUsage.TotalTime - _processor).TotalSeconds);

    public void Add(Verdict verdict)
    {
        Seeds++;
        _operations += verdict.Operations;
        _steps += verdict.Steps;
        Finds += verdict.Broken is null ? 0 : 1;
    }

    public override string ToString()
    {
        var left = Seeds == 0 ? "" : $", {Span(Elapsed * ((double)(seeds - Seeds) / Seeds))} left";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Seeds:N0} of {seeds:N0} seeds, {_operations:N0} operations, {_steps:N0} steps, {Rate:N0} operations/s, "
            + $"{PerCore:N0} a core, {Finds} found, {Span(Elapsed)}{(Seeds == seeds ? "" : left)}");
    }

    private static string Span(TimeSpan span) =>
        span.ToString(span.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture);
}
