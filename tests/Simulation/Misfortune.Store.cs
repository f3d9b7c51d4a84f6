using OrleansConcert.Storage.Tests;

namespace OrleansConcert.Simulation;

/// <summary>What the disk and the journal do at each step while misfortune lasts.</summary>
internal sealed partial class Misfortune
{
    private double _faultRate;
    private double _journalRate;
    private int _slowestMs = 2;
    private int _hangsFor;
    private bool _full;

    /// <summary>What becomes of an append.</summary>
    public AppendFault OnAppend() => _random.NextDouble() < _journalRate ? (AppendFault)_random.Next(1, 4) : AppendFault.None;

    /// <summary>Before something is read.</summary>
    public async Task OnRead()
    {
        if (_journalRate > 0 && _random.Next(4) == 0)
        {
            await Lateness();
        }

        if (_random.NextDouble() < _journalRate)
        {
            throw new JournalException("Simulated: it can't be read.", nothingWritten: true);
        }
    }

    public Task Lateness() => world.Delay(TimeSpan.FromMilliseconds(_random.Next(Policies.One(_random, 10, 3_000, 40_000))));

    private void Calm()
    {
        (_faultRate, _journalRate, _slowestMs, _hangsFor, _full) = (0, 0, 2, 0, false);
        if (world.Site.Grains is not null)
        {
            world.Site.Disk.OnStep = OnStep;
        }

        world.History.Add("--- the store is well");
    }

    private async ValueTask<DiskFault> OnStep(DiskStep step, string name)
    {
        var writes = step is not (DiskStep.Read or DiskStep.Open);
        if (_hangsFor > 0 && writes)
        {
            var hang = TimeSpan.FromSeconds(_hangsFor);
            _hangsFor = 0;
            await world.Delay(hang);
        }

        if (writes && _random.Next(3) == 0)
        {
            await world.Delay(TimeSpan.FromMilliseconds(_random.Next(_slowestMs + 1)));
        }

        if (_full && step is (DiskStep.Create or DiskStep.Write or DiskStep.SetLength))
        {
            return DiskFault.FailBefore;
        }

        return _random.NextDouble() < _faultRate
            ? (DiskFault)_random.Next((int)DiskFault.FailBefore, (int)DiskFault.Die)
            : DiskFault.None;
    }
}
