using OrleansConcert.Storage.Tests;

namespace OrleansConcert.Simulation;

/// <summary>What goes wrong: disks that are slow, hang, fail and tear; kills and power cuts between any two steps; restarts.</summary>
internal sealed class Misfortune(World world)
{
    private readonly int _kind = world.Random.Next(5);
    private readonly Random _random = world.Random;
    private double _faultRate;
    private int _slowestMs = 2;

    /// <summary>Whether it leaves this world alone.</summary>
    public bool NeverStrikes => _kind == 0;

    public async Task Strike()
    {
        Calm();
        while (!world.IsOver && _kind > 0)
        {
            if (_random.Next(2) == 0)
            {
                await world.PaymentOr(60);
                await world.Delay(TimeSpan.FromMilliseconds(_random.Next(5)));
            }
            else
            {
                await world.Operations(_random.Next(1, 60));
            }

            await World.Pass(_random.Next(100));
            if (world.IsOver)
            {
                break;
            }

            switch (_random.Next(5))
            {
                case 0 when _kind > 1:
                    await FailingDisk();
                    break;
                case 1 when _kind > 1:
                    await SlowDisk();
                    break;
                case 2 when _kind > 2:
                    world.History.Add("--- stop");
                    await world.Site.Stop();
                    await Start();
                    break;
                default:
                    await Crash();
                    break;
            }
        }
    }

    /// <summary>The last of it; from here on everything works.</summary>
    public async Task End()
    {
        if (_kind > 0 && _random.Next(2) == 0)
        {
            await Crash();
        }

        Calm();
    }

    private async Task Crash()
    {
        var powerCut = _random.Next(4) > 0;
        world.History.Add(powerCut ? "--- power cut" : "--- kill");
        world.Site.Crash(powerCut);
        for (var cuts = _random.Next(3); cuts > 0; cuts--)
        {
            await world.Site.DieStarting(_random.Next(12), _random.Next(2) == 0);
        }

        await Start();
    }

    private async Task Start()
    {
        if (_random.Next(2) == 0)
        {
            await world.Delay(TimeSpan.FromMilliseconds(_random.Next(20_000)));
        }

        await world.Site.Start(world.Audit);
        world.Site.Disk.OnStep = OnStep;
        world.History.Add("--- up again");
    }

    private async Task FailingDisk()
    {
        _faultRate = _random.Next(1, 10) * 0.05;
        world.History.Add($"--- the disk fails at a rate of {_faultRate}");
        await Last();
        Calm();
    }

    private async Task SlowDisk()
    {
        _slowestMs = Policies.One(_random, 20, 500, 4_000);
        world.History.Add($"--- the disk takes up to {_slowestMs} ms");
        await Last();
        Calm();
    }

    private async Task Last()
    {
        if (_random.Next(2) == 0)
        {
            await world.Operations(_random.Next(1, 20));
        }
        else
        {
            await world.Delay(TimeSpan.FromMilliseconds(_random.Next(10_000)));
        }

        if (_random.Next(3) == 0 && !world.IsOver)
        {
            await Crash();
        }
    }

    private void Calm()
    {
        (_faultRate, _slowestMs) = (0, 2);
        world.Site.Disk.OnStep = OnStep;
        world.History.Add("--- the disk is well");
    }

    private async ValueTask<DiskFault> OnStep(DiskStep step, string name)
    {
        if (step is not (DiskStep.Read or DiskStep.Open) && _random.Next(3) == 0)
        {
            await world.Delay(TimeSpan.FromMilliseconds(_random.Next(_slowestMs + 1)));
        }

        return _random.NextDouble() < _faultRate
            ? (DiskFault)_random.Next((int)DiskFault.FailBefore, (int)DiskFault.Die)
            : DiskFault.None;
    }
}
