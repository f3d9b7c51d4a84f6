using System.Runtime.InteropServices;

namespace OrleansConcert.Simulation.Running;

/// <summary>
/// Plays a range of seeds unattended: says how far it is, keeps what is finished in the ledger, goes on after a find, and
/// starts where it stopped the last time.
/// </summary>
internal sealed class LongRun : IDisposable
{
    private const int Whole = 0;
    private const int Broken = 1;
    private const int Misused = 2;
    private const int Interrupted = 130;
    private const int RangeSeeds = 100;

    private readonly Asked _asked;
    private readonly TextWriter _out;
    private readonly Ledger _ledger;
    private readonly Dictionary<SeedRange, SortedSet<int>> _open = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Tally _tally;
    private readonly List<int> _left;
    private readonly SortedSet<int> _finds = [];
    private bool _interrupted;

    private LongRun(Asked asked, TextWriter output)
    {
        _asked = asked;
        _out = output;
        _ledger = new Ledger(asked.Ledger);

        // One seed alone is asked for by somebody who wants to see it.
        var done = asked.Fresh || asked.Seeds.Count == 1 ? [] : _ledger.Done(asked.Operations);
        _left = [.. asked.Seeds.Seeds().Where(seed => !done.Contains(seed))];
        _tally = new Tally(_left.Count);
    }

    /// <summary>Does what the arguments ask for and gives the exit code: 0 whole, 1 broken, 2 misused, 130 interrupted.</summary>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        try
        {
            using var run = new LongRun(Asked.Read(arguments), output);
            return run.Play();
        }
        catch (FormatException wrong)
        {
            error.WriteLine($"{wrong.Message}\n{Asked.Usage}");
            return Misused;
        }
    }

    public void Dispose() => _stop.Dispose();

    private int Play()
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        var before = _asked.Seeds.Count - _left.Count;
        _out.WriteLine($"Seeds {_asked.Seeds} of {_asked.Operations} operations, {_asked.Workers} worlds at a time, "
            + $"commit {Build.Commit}, build {Build.Print}" + (before == 0 ? "" : $"; {before} are in {_asked.Ledger} already"));
        using (new ProgressLine(_out, _tally))
        {
            new Round(_asked.Operations, _asked.Workers).Play(_left, Heard, _stop.Token);
        }

        foreach (var range in _open.Keys.ToList())
        {
            Close(range);
        }

        _out.WriteLine(_tally);
        if (_finds.Count > 0)
        {
            _out.WriteLine($"Broken: {string.Join(", ", _finds)}");
        }

        return _finds.Count > 0 ? Broken : _interrupted ? Interrupted : Whole;
    }

    private void Heard(Verdict verdict)
    {
        _tally.Add(verdict);
        if (verdict.Broken is { } why)
        {
            _finds.Add(verdict.Seed);
            _ledger.AddBroken(verdict.Seed, _asked.Operations, why);
            _out.WriteLine($"\n{why}\n");
            if (_finds.Count >= _asked.Finds)
            {
                _stop.Cancel();
            }

            return;
        }

        var range = RangeOf(verdict.Seed);
        if (!_open.TryGetValue(range, out var kept))
        {
            _open.Add(range, kept = []);
        }

        kept.Add(verdict.Seed);
        if (kept.Count == range.Count)
        {
            Close(range);
        }
    }

    /// <summary>The hundred that a seed belongs to, as far as it was asked for.</summary>
    private SeedRange RangeOf(int seed)
    {
        var from = seed - (seed % RangeSeeds);
        return new SeedRange(Math.Max(from, _asked.Seeds.From), (int)Math.Min((long)from + RangeSeeds - 1, _asked.Seeds.To));
    }

    /// <summary>Keeps what is done of a range, each stretch on a line of its own.</summary>
    private void Close(SeedRange range)
    {
        _open.Remove(range, out var kept);
        var from = kept!.Min;
        foreach (var seed in kept)
        {
            if (!kept.Contains(seed + 1))
            {
                _ledger.AddKept(new SeedRange(from, seed), _asked.Operations, _tally.Rate);
                from = kept.GetViewBetween(seed + 1, int.MaxValue) is { Count: > 0 } more ? more.Min : 0;
            }
        }
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        _interrupted = true;
        _stop.Cancel();
    }
}
