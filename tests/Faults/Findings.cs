using System.Collections.Concurrent;

namespace OrleansConcert.Faults;

/// <summary>What was found that must not be.</summary>
internal sealed class Findings
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentQueue<string> _all = [];

    public bool Any => !_all.IsEmpty;

    public void Add(string finding) => _all.Enqueue(finding);

    public void Unless(bool holds, string finding)
    {
        if (!holds)
        {
            Add(finding);
        }
    }

    /// <summary>Looks until nothing is wrong; what still is when the time is over is a finding.</summary>
    public async Task Eventually(TimeSpan within, Func<Task<string?>> whatIsWrong)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); ;)
        {
            if (await whatIsWrong() is not { } wrong)
            {
                return;
            }

            if (waited.Elapsed > within)
            {
                Add(wrong);
                return;
            }

            await Task.Delay(LookAgain);
        }
    }

    public override string ToString() => string.Join("\n", _all.Take(20));
}
