namespace OrleansConcert.Simulation;

/// <summary>
/// What goes wrong: disks that are slow, hang, are full, fail and tear; journals that fail before and after; clocks that are set;
/// kills and power cuts between any two steps; restarts.
/// </summary>
internal sealed partial class Misfortune(World world)
{
    private readonly int _kind = world.Random.Next(5);
    private readonly Random _random = world.Random;

    private bool _harasses;

    /// <summary>Whether it leaves this world alone.</summary>
    public bool NeverStrikes => _kind == 0 && !_harasses;

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
            if (!world.IsOver)
            {
                await (_kind == 1 ? Crash() : Any());
            }
        }
    }

    /// <summary>Slow disks, kills and power cuts close to each other, until something is over.</summary>
    public async Task Harass(Task over)
    {
        _harasses = true;
        Calm();
        while (!over.IsCompleted)
        {
            _slowestMs = Policies.One(_random, 2, 20, 200);
            await world.Delay(TimeSpan.FromMilliseconds(_random.Next(2_000)));
            await World.Pass(_random.Next(100));
            if (_random.Next(2) == 0)
            {
                await Crash();
            }
        }

        Calm();
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

    private Task Any() => _random.Next(10) switch
    {
        0 => Last("the disk fails at a rate of", _faultRate = _random.Next(1, 10) * 0.05),
        1 => Last("the disk takes ms up to", _slowestMs = Policies.One(_random, 20, 500, 4_000)),
        2 => Last("the disk is full", _full = true),
        3 => Last("the disk hangs for seconds", _hangsFor = _random.Next(1, 70)),
        4 or 5 => Last("the journal fails at a rate of", _journalRate = _random.Next(1, 10) * 0.03),
        6 when _kind > 2 => StepClock(),
        7 when _kind > 2 => StopAndStart(),
        _ => Crash(),
    };

    private async Task Crash()
    {
        do
        {
            var powerCut = _random.Next(4) > 0;
            world.History.Add(powerCut ? "--- power cut" : "--- kill");
            world.CheckWhole();
            world.Site.Crash(powerCut);
            for (var cuts = _random.Next(3); cuts > 0; cuts--)
            {
                await world.Site.DieStarting(_random.Next(12), _random.Next(2) == 0);
            }

            await Start();

            // Sometimes again, while it is still finding out what it had begun.
            await World.Pass(_random.Next(40));
        }
        while (_random.Next(5) == 0);
    }

    private async Task StopAndStart()
    {
        world.History.Add("--- stop");
        await world.Site.Stop();
        await Start();
    }

    private async Task Start()
    {
        if (_random.Next(2) == 0)
        {
            await world.Delay(TimeSpan.FromMilliseconds(_random.Next(20_000)));
        }

        if (_kind > 2 && _random.Next(4) == 0)
        {
            SetWall();
        }

        // A server that cannot read its store does not start; what goes wrong goes wrong when it has.
        (var rate, _journalRate) = (_journalRate, 0);
        await world.Site.Start();
        (_journalRate, world.Site.Disk.OnStep) = (rate, OnStep);
        world.History.Add("--- up again");
    }

    /// <summary>The wall clock is set while the server lives, which must not move its own.</summary>
    private Task StepClock()
    {
        var before = world.Site.Clock!.Now;
        SetWall();
        world.Break(world.Site.Clock.Now == before ? null : $"a step of the wall clock moved the server's from {before}");
        return Task.CompletedTask;
    }

    private void SetWall()
    {
        var by = TimeSpan.FromMilliseconds(
            Policies.One(_random, 3, 1_000, 45_000, 600_000) * Policies.One(_random, -1, 1));
        world.History.Add($"--- the wall clock is set by {by}");
        world.Site.Wall.Step(by);
    }

    private async Task Last(string what, object how)
    {
        world.History.Add($"--- {what} {how}");
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

        Calm();
    }
}
