namespace OrleansConcert.Simulation.Running;

/// <summary>Says how far a run is: on a terminal in one line that changes, elsewhere in a line now and then.</summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan s_onTerminal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_elsewhere = TimeSpan.FromSeconds(15);

    private readonly TextWriter _out;
    private readonly Tally _tally;
    private readonly bool _isTerminal = !Console.IsOutputRedirected;
    private readonly ITimer _timer;

    public ProgressLine(TextWriter output, Tally tally)
    {
        (_out, _tally) = (output, tally);
        var every = _isTerminal ? s_onTerminal : s_elsewhere;
        _timer = TimeProvider.System.CreateTimer(_ => Say(), null, every, every);
    }

    public void Dispose()
    {
        _timer.Dispose();
        if (_isTerminal)
        {
            _out.Write("\r\e[K");
        }
    }

    private void Say()
    {
        if (_isTerminal)
        {
            _out.Write($"\r{_tally}\e[K");
        }
        else
        {
            _out.WriteLine(_tally);
        }
    }
}
