using Xunit.Abstractions;

namespace OrleansConcert.Faults.Linearizability;

/// <summary>The checker itself: it believes what was, and no lie.</summary>
public sealed class CheckerTests(ITestOutputHelper output)
{
    private const int Histories = 10_000;
    private const int Lies = 1_000;

    [Fact]
    public void Every_history_that_was_is_believed()
    {
        var operations = 0;
        for (var seed = 1; seed <= Histories; seed++)
        {
            var history = GeneratedHistory.Of(seed);
            operations += history.Count;
            Assert.True(Checker.IsLinearizable(history), $"seed {seed}:\n{string.Join('\n', history)}");
        }

        output.WriteLine($"{Histories} histories of {operations} operations, none refused");
    }

    [Fact]
    public void Every_lie_is_found()
    {
        var told = new Dictionary<string, int>();
        for (var seed = 1; told.Values.Sum() < Lies; seed++)
        {
            var history = GeneratedHistory.Of(seed);
            foreach (var (name, make) in Mutations.All.OrderBy(each => told.GetValueOrDefault(each.Name)))
            {
                // The rarest lie first; those that fit no place of this history leave it to the next.
                if (make(history, new Random(seed)) is { } lie)
                {
                    told[name] = told.GetValueOrDefault(name) + 1;
                    Assert.False(Checker.IsLinearizable(lie), $"seed {seed}, {name}:\n{string.Join('\n', lie)}");
                    break;
                }
            }
        }

        output.WriteLine(string.Join('\n', told.Select(each => $"{each.Value} times {each.Key}, always refused")));
        Assert.Equal(Mutations.All.Count, told.Count);
        Assert.All(told.Values, times => Assert.True(times >= 20));
    }

    [Fact]
    public void What_overlaps_may_have_been_in_either_order()
    {
        Operation hold = new(10, 30, Act.Hold, 1);
        Assert.True(Checker.IsLinearizable([hold, new(20, 25, Act.SeeFree, 0), new(20, 25, Act.SeeTaken, 0)]));
        Assert.False(Checker.IsLinearizable([hold, new(31, 35, Act.SeeFree, 0)]));
        Assert.False(Checker.IsLinearizable([hold, new(5, 9, Act.SeeTaken, 0)]));
    }

    [Fact]
    public void What_nobody_was_told_of_happened_or_did_not()
    {
        Operation perhaps = new(10, Operation.Never, Act.Hold, 1);
        Assert.True(Checker.IsLinearizable([perhaps, new(20, 25, Act.SeeFree, 0), new(30, 35, Act.SeeTaken, 0)]));
        Assert.True(Checker.IsLinearizable([perhaps, new(20, 25, Act.SeeFree, 0)]));
        Assert.False(Checker.IsLinearizable([perhaps, new(20, 25, Act.SeeTaken, 0), new(30, 35, Act.SeeFree, 0)]));
        Assert.False(Checker.IsLinearizable([perhaps, new(1, 5, Act.SeeTaken, 0)]));
    }

    [Fact]
    public void A_payment_outlives_the_deadline_and_a_hold_does_not()
    {
        Operation hold = new(0, 1, Act.Hold, 1);
        Operation deadline = new(50, 52, Act.Lapse, 1) { After = hold };
        Operation pay = new(40, 90, Act.Pay, 1);
        Operation sell = new(40, 90, Act.Sell, 1) { After = pay };
        Operation seen = new(60, 61, Act.SeeHeld, 0);
        Assert.True(Checker.IsLinearizable([hold, deadline, pay, sell, seen]));
        Assert.False(Checker.IsLinearizable([hold, deadline, seen]));
        Operation late = pay with { Call = 53 };
        Assert.False(Checker.IsLinearizable([hold, deadline, late, sell with { After = late }]));
        Operation abort = new(40, 90, Act.Abort, 1);
        Assert.True(Checker.IsLinearizable([hold, deadline, pay, abort, seen, new(91, 92, Act.SeeFree, 0)]));
        Assert.False(Checker.IsLinearizable([hold, deadline, pay, abort, seen, new(91, 92, Act.SeeTaken, 0)]));
    }
}
