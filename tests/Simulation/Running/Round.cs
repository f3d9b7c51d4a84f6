using System.Runtime.ExceptionServices;

namespace OrleansConcert.Simulation.Running;

/// <summary>Plays seeds on several threads at once. A world stays on one thread, and worlds share nothing.</summary>
/// <param name="operations">How many each seed plays.</param>
/// <param name="workers">How many worlds there are at a time.</param>
internal sealed class Round(int operations, int workers)
{
    /// <summary>One seed in so many is played twice.</summary>
    public const int TwiceEvery = 100;

    private readonly Lock _lock = new();
    private Exception? _failure;

    /// <summary>Plays the seeds in order and returns when all are done, or those begun when it was stopped.</summary>
    /// <param name="heard">Hears of each as it ends, of one at a time.</param>
    public void Play(IEnumerable<int> seeds, Action<Verdict> heard, CancellationToken stop = default)
    {
        using var left = seeds.GetEnumerator();
        var threads = Enumerable.Range(1, workers)
            .Select(number => new Thread(() => Work(left, heard, stop)) { IsBackground = true, Name = $"worlds {number}" })
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    private void Work(IEnumerator<int> left, Action<Verdict> heard, CancellationToken stop)
    {
        try
        {
            while (Next(left, stop) is { } seed)
            {
                var verdict = seed % TwiceEvery == 0 ? Verdict.OfTwice(seed, operations) : Verdict.Of(seed, operations);
                lock (_lock)
                {
                    heard(verdict);
                }
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private int? Next(IEnumerator<int> left, CancellationToken stop)
    {
        lock (_lock)
        {
            return _failure is null && !stop.IsCancellationRequested && left.MoveNext() ? left.Current : null;
        }
    }
}
