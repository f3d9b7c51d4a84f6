using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace OrleansConcert.Grains.Tests;

/// <summary>
/// A crowd that waits, on the embedded store, against a plain list. <c>TOKENS</c> says how many join and <c>SEED</c> who of them leaves;
/// with <c>BOUNDS</c> starts and turns have to be as short as is promised, which holds on a machine that has nothing else to do.
/// </summary>
[Collection(nameof(Alone))]
public sealed class MillionTests(ITestOutputHelper output)
{
    private static readonly int Tokens = NumberIn("TOKENS") ?? 200_000;
    private static readonly int Seed = NumberIn("SEED") ?? 1;
    private static readonly bool IsTimed = Environment.GetEnvironmentVariable("BOUNDS") is { Length: > 0 };
    private static readonly TimeSpan Interval = Given.Minutes(5);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _worked = Environment.CpuUsage.TotalTime;

    [Fact]
    public async Task Who_joined_first_is_admitted_first_however_many_wait_and_leave_and_whatever_restarts_between()
    {
        var folder = Directory.CreateTempSubdirectory("crowd-").FullName;
        try
        {
            output.WriteLine($"{Tokens} tokens, seed {Seed}, {folder}");
            await Play(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task Play(string folder)
    {
        var (time, random) = (new ManualTime(), new Random(Seed));
        var waiting = Enumerable.Range(1, Tokens).Select(ticket => (long)ticket).ToList();
        var nonces = new uint[Tokens + 1];
        await using (var crowd = await Crowd.Start(folder, time))
        {
            await crowd.Queue.Put("batch", Policy(1_000, null));
            var before = Crowd.Memory();
            Tell("started");
            for (var tenth = 0; tenth < 10; tenth++)
            {
                await crowd.All(Tokens / 10, async index =>
                {
                    var view = (await crowd.Queue.Join($"user-{tenth}-{index}", null)).Value!;
                    if (view.Position % 100 == 0)
                    {
                        var token = QueueToken.Verify(World.Keys, view.Token)!;
                        nonces[token.Ticket] = token.Nonce;
                    }
                });
                Tell($"{(tenth + 1) * (Tokens / 10)} joined; slowest call {crowd.Slowest.TotalMilliseconds:0} ms");
            }

            var bytes = Crowd.Memory() - before;
            Tell($"the grain has {bytes / 1e6:0.0} MB, {(double)bytes / Tokens:0} bytes a token");
            Assert.InRange(bytes, 1, 300L * Tokens);

            var leavers = waiting.Where(ticket => nonces[ticket] == 0).ToArray();
            random.Shuffle(leavers);
            leavers = leavers[..(Tokens / 20)];
            await crowd.All(leavers.Length, index => crowd.Queue.Leave(leavers[index]));
            waiting.RemoveAll(leavers.ToHashSet().Contains);
            Tell($"{leavers.Length} left; slowest call {crowd.Slowest.TotalMilliseconds:0} ms");
            await Compare(crowd, waiting, nonces);
            waiting.RemoveRange(0, 1_000);
            await Pass(crowd, time, waiting.Count);
            await Compare(crowd, waiting, nonces);
        }

        await using (var crowd = await Restart(folder, time))
        {
            var loaded = await crowd.Journal.Load(WireNames.QueueStreams + WireNames.MainQueue);
            Tell($"a snapshot of {loaded.SnapshotPieces.Count} pieces, {loaded.Events.Count} events after it");
            Assert.NotEqual(0, loaded.SnapshotVersion);
            await Compare(crowd, waiting, nonces);
            waiting.RemoveRange(0, 1_000);
            await Pass(crowd, time, waiting.Count);
            await Compare(crowd, waiting, nonces);
        }

        // The same from the bare journal.
        Directory.Delete(Path.Combine(folder, "snapshots"), recursive: true);
        await using (var crowd = await Restart(folder, time))
        {
            await Compare(crowd, waiting, nonces);
            await crowd.Queue.Put("batch", Policy(null, null));
            await Pass(crowd, time, 0);
            var figures = (await crowd.Queue.Get()).Value!.Figures;
            Assert.Equal((0, Tokens - (Tokens / 20)), (figures.Waiting, figures.Active));
            await Compare(crowd, [], nonces);
            await CompareOrder(crowd);
        }
    }

    private async Task<Crowd> Restart(string folder, ManualTime time)
    {
        Tell("stopped");
        var crowd = await Crowd.Start(folder, time);
        Tell("the store is open again");
        var started = Stopwatch.GetTimestamp();
        await crowd.Queue.Get();
        var took = Stopwatch.GetElapsedTime(started);
        Tell($"the grain is up after {took.TotalSeconds:0.00} s");
        Assert.True(!IsTimed || took <= Given.Seconds(5), $"{took} is more than 5 s");
        return crowd;
    }

    /// <summary>Time passes until so many wait and no more.</summary>
    private async Task Pass(Crowd crowd, ManualTime time, int waiting)
    {
        var took = new List<double>();
        time.Advance(Interval);
        var next = time.GetUtcNow() + Interval;
        do
        {
            // Answered at once, and by nothing else than the turns before it.
            var started = Stopwatch.GetTimestamp();
            await crowd.Queue.Held(0, default);
            took.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.True(time.GetUtcNow() < next, "one interval admits everybody that it can");
        }
        while (took.Count % 10 != 0 || (await crowd.Queue.Get()).Value!.Figures.Waiting > waiting);
        took.Sort();
        Tell($"admitted; a call waited for {took[took.Count / 2]:0.0} ms, of a hundred one for {took[took.Count * 99 / 100]:0.0} ms");
        Assert.True(!IsTimed || took[took.Count / 2] <= 5, "a turn that admits is longer than 5 ms");
    }

    /// <summary>Each sampled place is where it is in the list.</summary>
    private async Task Compare(Crowd crowd, List<long> waiting, uint[] nonces)
    {
        var sample = Enumerable.Range(1, Tokens).Where(ticket => nonces[ticket] != 0).ToArray();
        await crowd.All(sample.Length, async index =>
        {
            var view = (await crowd.Queue.Look(sample[index], nonces[sample[index]]))!.Token;
            var place = waiting.BinarySearch(sample[index]);
            Assert.Equal((sample[index], place < 0 ? 0 : place + 1), (sample[index], view.Position));
            Assert.Equal(place < 0 ? TokenStatus.Active : TokenStatus.Waiting, view.Status);
        });
        Tell($"{sample.Length} positions compared; slowest call {crowd.Slowest.TotalMilliseconds:0} ms");
    }

    /// <summary>What the journal tells of admission is what a list tells that is taken from its front.</summary>
    private async Task CompareOrder(Crowd crowd)
    {
        var line = new LinkedList<long>();
        var places = new Dictionary<long, LinkedListNode<long>>();
        await foreach (var entry in crowd.Journal.ReadAll(CancellationToken.None))
        {
            switch (entry.Stream == WireNames.QueueStreams + WireNames.MainQueue ? JournalFormats.Queue.Read(entry.Text) : null)
            {
                case Joined joined:
                    places.Add(joined.Ticket, line.AddLast(joined.Ticket));
                    break;
                case Ended ended:
                    line.Remove(places[ended.Ticket]);
                    break;
                case Admitted admitted:
                    for (var count = 1; count <= admitted.Count; count++)
                    {
                        Assert.Equal(count == admitted.Count, line.First!.Value == admitted.Through);
                        line.RemoveFirst();
                    }

                    break;
            }
        }

        Assert.Empty(line);
        Tell("the order of admission compared");
    }

    private static QueuePolicy Policy(int? admitCount, int? maxActive) => Preset.Standard.Queue with
    {
        AdmitCount = admitCount,
        AdmitEvery = Interval,
        MaxActive = maxActive,
        AdmitOnPoll = false,
        ActiveTtl = TimeSpan.FromDays(1),
        ActiveIdleTimeout = null,
    };

    private void Tell(string what)
    {
        var worked = Environment.CpuUsage.TotalTime;
        output.WriteLine($"{_watch.Elapsed.TotalSeconds,7:0.00} s, {(worked - _worked).TotalSeconds,6:0.00} s of processor time: {what}");
        _watch.Restart();
        _worked = worked;
    }

    private static int? NumberIn(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}

/// <summary>What weighs the memory of the process has it for itself.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
