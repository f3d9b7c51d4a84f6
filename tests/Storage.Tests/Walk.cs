namespace OrleansConcert.Storage.Tests;

/// <summary>One random walk: a journal on a disk that fails, and a ledger of what each append was told.</summary>
internal sealed class Walk(int seed)
{
    private static readonly string[] Streams = ["schedule/a", "schedule/b", "queue/c"];
    private static readonly string[] NoteStreams = ["reservations/x", "reservations/y"];

    private readonly Random _random = new(seed);
    private readonly ManualTime _time = new();
    private readonly Ledger _ledger = new();
    private SimulatedDisk _disk = new(new Random(seed + 1));
    private FileJournal _journal = null!;
    private double _faultRate;
    private int _faults;
    private int _next;

    public async Task Go(int rounds)
    {
        await Reopen();
        for (var round = 0; round < rounds; round++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(_random.Next(700)));
            await Round();
        }

        await Restart();
    }

    private async Task Round()
    {
        switch (_random.Next(20))
        {
            case 0:
                await Restart();
                break;
            case 1:
                _faultRate = _random.Next(3) * 0.05;
                break;
            case 2:
                await Snapshot();
                break;
            case 3 when _journal.IsHealthy:
                await Quietly(() => _ledger.Check(_journal));
                break;
            default:
                await AppendSome();
                break;
        }
    }

    private async Task AppendSome()
    {
        var faults = _faults;
        var healthy = _journal.IsHealthy;
        var appends = new List<Append>();
        for (var count = _random.Next(1, 9); count > 0; count--)
        {
            appends.Add(await Any(appends));
        }

        var expected = appends.Count == 1 ? _ledger.Expected(appends[0]) : (Told?)null;
        var outcomes = await Task.WhenAll(appends.Select(async append => _ledger.Tell(append, await Outcome(append))));
        if (expected is not null && healthy && faults == _faults && !_ledger.HasUnknown)
        {
            Assert.Equal(expected, outcomes[0]);
        }
    }

    private async Task<Told> Outcome(Append append)
    {
        try
        {
            return (await _journal.Append(append)).Outcome switch
            {
                AppendOutcome.Durable => Told.Durable,
                AppendOutcome.HeadMoved => Told.HeadMoved,
                AppendOutcome.KeyTaken => Told.KeyTaken,
            };
        }
        catch (JournalException e)
        {
            return e.NothingWritten ? Told.Nothing : Told.Unknown;
        }
    }

    private async Task<Append> Any(List<Append> before)
    {
        var stream = Streams[_random.Next(Streams.Length)];
        var id = $"{++_next}";
        var head = await Quietly(async () => (await _journal.Load(stream)).Head);
        head += before.Where(append => append.Stream == stream).Sum(append => append.Events.Count);
        var answer = _random.Next(3) == 0 ? Given.Answer("alice", $"key{_random.Next(40)}", id, _time.GetUtcNow()) : null;
        var events = answer is not null && _random.Next(4) == 0 ? 0 : _random.Next(1, 4);
        return new Append
        {
            Stream = stream,
            Head = Math.Max(0, head + (_random.Next(10) == 0 ? _random.Next(-2, 3) : 0)),
            Events = [.. Enumerable.Range(0, events).Select(part => Given.Text($"{id}.{part}{Padding()}"))],
            At = _time.GetUtcNow(),
            Unfinished = _random.Next(2) == 0,
            Answer = answer,
            Notes = _random.Next(3) == 0 ? [new Note(NoteStreams[_random.Next(2)], Given.Text($"{id}.note"))] : [],
        };
    }

    private string Padding() => new('p', _random.Next(4) == 0 ? _random.Next(2_000) : 0);

    private async Task Snapshot()
    {
        var stream = Streams[_random.Next(Streams.Length)];
        try
        {
            var head = await Quietly(async () => (await _journal.Load(stream)).Head);
            if (head > 0)
            {
                await _journal.SaveSnapshot(stream, _random.NextInt64(1, head + 1), [Given.Text("some"), Given.Text("state")]);
            }
        }
        catch (JournalException)
        {
            // The disk failed; the journal has everything, so nothing is lost with the snapshot.
        }
    }

    private async Task Restart()
    {
        switch (_random.Next(4))
        {
            case 0:
                await _journal.DisposeAsync();
                _disk = _disk.AfterKill();
                break;
            case 1:
                _disk = _disk.AfterKill();
                break;
            default:
                await DieAmidWrites();
                _disk = _disk.AfterPowerCut();
                break;
        }

        await Reopen();
    }

    private async Task DieAmidWrites()
    {
        var left = _random.Next(12);
        _disk.OnStep = (_, _) => ValueTask.FromResult(left-- <= 0 ? DiskFault.Die : DiskFault.None);
        for (var round = 0; round < 4; round++)
        {
            var append = Given.Event(Streams[0], _ledger.HeadOf(Streams[0]), $"{++_next}.0") with { At = _time.GetUtcNow() };
            _ledger.Tell(append, await Outcome(append));
        }
    }

    /// <summary>Opens what the disk has now, and holds it against the ledger. Opening may be cut short too.</summary>
    private async Task Reopen()
    {
        for (var cuts = _random.Next(3); cuts > 0; cuts--)
        {
            var left = _random.Next(10);
            _disk.OnStep = (_, _) => ValueTask.FromResult(left-- <= 0 ? DiskFault.Die : DiskFault.None);
            try
            {
                await (await FileJournal.Open(_disk, Options())).DisposeAsync();
            }
            catch (StoreException)
            {
                // It died on the way.
            }

            _disk = _random.Next(2) == 0 ? _disk.AfterKill() : _disk.AfterPowerCut();
        }

        _journal = await FileJournal.Open(_disk, Options());
        await _ledger.Check(_journal);
        _disk.OnStep = Fault;
    }

    private FileJournalOptions Options() => new()
    {
        SegmentBytes = 16 << 10,
        FillBytes = 4 << 10,
        Time = _time,
        WriterScheduler = TaskScheduler.Current,
    };

    private ValueTask<DiskFault> Fault(DiskStep step, string name)
    {
        if (_random.NextDouble() >= _faultRate)
        {
            return ValueTask.FromResult(DiskFault.None);
        }

        _faults++;
        return ValueTask.FromResult((DiskFault)_random.Next((int)DiskFault.FailBefore, (int)DiskFault.Die));
    }

    private async Task<T> Quietly<T>(Func<Task<T>> act)
    {
        var rate = _faultRate;
        _faultRate = 0;
        var result = await act();
        _faultRate = rate;
        return result;
    }

    private Task<bool> Quietly(Func<Task> act) => Quietly(async () =>
    {
        await act();
        return true;
    });
}
