namespace OrleansConcert.Faults.Linearizability;

/// <summary>
/// Lies told into a history that was. Each is a lie for certain, by the calls and returns alone: told while the seat can only have
/// been another's, or can only have been free.
/// </summary>
internal static class Mutations
{
    private const int Nobody = 1_000_000;

    /// <summary>Each makes a history that cannot have been, or null where this one has no place for its lie.</summary>
    public static IReadOnlyList<(string Name, Func<List<Operation>, Random, List<Operation>?> Make)> All { get; } =
    [
        ("a held seat is held by another", (history, random) => While(Had(history), history, random, (_, call, returns) =>
            [new(call, returns, Act.Hold, Nobody)])),
        ("a held seat is seen free", (history, random) => While(Had(history), history, random, (_, call, returns) =>
            [new(call, returns, Act.SeeFree, 0)])),
        ("a held seat is sold to another", (history, random) => While(Had(history), history, random, (_, call, returns) =>
            [new(call, returns, Act.Pay, Nobody), new(call, returns, Act.Sell, Nobody)])),
        ("a late payer is sold a seat that is another's by now", (history, random) =>
            While(Had(history), history, random, (period, call, returns) =>
                history.Find(one => one.Act == Act.Hold && one.Holder != period.Holder && one.Return < call) is { } old
                    ? [new(call, returns, Act.Pay, old.Holder), new(call, returns, Act.Sell, old.Holder)]
                    : null)),
        ("an acknowledged hold is forgotten", (history, random) => While(Had(history), history, random, (period, call, returns) =>
            [new(call, returns, Act.SeeGone, period.Holder)])),
        ("an unpaid seat is seen sold", (history, random) => While(HadUnpaid(history), history, random, (_, call, returns) =>
            [new(call, returns, Act.SeeSold, 0)])),
        ("a sold seat is seen free", (history, random) => While(Owned(history), history, random, (_, call, returns) =>
            [new(call, returns, Act.SeeFree, 0)])),
        ("a sold seat is held again", (history, random) => While(Owned(history), history, random, (_, call, returns) =>
            [new(call, returns, Act.Hold, Nobody)])),
        ("a sale is forgotten", (history, random) => While(Owned(history), history, random, (period, call, returns) =>
            [new(call, returns, Act.SeeGone, period.Holder)])),
        ("a free seat is refused as taken", (history, random) => While(Free(history), history, random, (_, call, returns) =>
            [new(call, returns, Act.SeeTaken, 0)])),
        ("a reservation given back is seen to hold", (history, random) =>
            While(GivenBack(history), history, random, (period, call, returns) =>
                [new(call, returns, Act.SeeHolder, period.Holder)])),
        ("a seat changes hands with nobody giving it back", WithoutItsRelease),
        ("a hold outlives the next one's", (history, random) => WithALaterDeadline(history, random)),
    ];

    /// <summary>Where a reservation certainly has the seat: from its acknowledgement to the first thing that could end it.</summary>
    private static IEnumerable<Period> Had(List<Operation> history) =>
        from hold in history
        where hold.Act == Act.Hold && !hold.IsOpen
        select new Period(hold.Holder, hold.Return, FirstCall(history, hold.Holder, Act.Release, Act.Lapse));

    private static IEnumerable<Period> HadUnpaid(List<Operation> history) =>
        Had(history).Select(period => period with { To = Math.Min(period.To, FirstCall(history, period.Holder, Act.Pay)) });

    /// <summary>From the acknowledgement of a sale to the end of the history, and a little beyond.</summary>
    private static IEnumerable<Period> Owned(List<Operation> history) =>
        from sale in history
        where sale.Act == Act.Sell && !sale.IsOpen
        select new Period(sale.Holder, sale.Return, sale.Return + 1_000);

    /// <summary>Also before the first hold was called.</summary>
    private static IEnumerable<Period> Free(List<Operation> history) =>
        GivenBack(history).Append(new(0, -1_000, NextHold(history, long.MinValue, 0)));

    /// <summary>From a release that did give the seat back to the next call of a hold.</summary>
    private static IEnumerable<Period> GivenBack(List<Operation> history)
    {
        foreach (var (holder, from, to) in Had(history))
        {
            // Called while it certainly had the seat, and nothing else of its own could end it before.
            var releases = history.Where(one => one.Act == Act.Release && one.Holder == holder).ToList();
            if (releases is [{ IsOpen: false } release]
                && release.Call == to && release.Call > from && FirstCall(history, holder, Act.Lapse) > release.Return)
            {
                yield return new(holder, release.Return, NextHold(history, release.Call, holder));
            }
        }
    }

    /// <summary>The first call of a hold that may have happened after an instant.</summary>
    private static long NextHold(List<Operation> history, long instant, int exceptOf) => history
        .Where(one => one.Act == Act.Hold && one.Return > instant && one.Holder != exceptOf)
        .Select(one => one.Call).DefaultIfEmpty(10_000).Min();

    private static long FirstCall(List<Operation> history, int holder, params Act[] acts) => history
        .Where(one => one.Holder == holder && acts.Contains(one.Act))
        .Select(one => one.Call).DefaultIfEmpty(10_000).Min();

    /// <summary>Tells a lie at some time within one of the periods.</summary>
    private static List<Operation>? While(
        IEnumerable<Period> periods, List<Operation> history, Random random, Func<Period, long, long, List<Operation>?> lie)
    {
        foreach (var period in periods.OrderBy(_ => random.Next()).Where(period => period.To - period.From > 2))
        {
            var call = random.NextInt64(period.From + 1, period.To);
            var returns = random.NextInt64(call, period.To);
            if (lie(period, call, returns) is { } told)
            {
                return [.. history, .. told];
            }
        }

        return null;
    }

    /// <summary>Without its only release a reservation has the seat until its deadline, and another was given it before.</summary>
    private static List<Operation>? WithoutItsRelease(List<Operation> history, Random random)
    {
        foreach (var release in history.Where(one => one.Act == Act.Release).OrderBy(_ => random.Next()))
        {
            List<Operation> rest = [.. history.Where(one => one != release)];
            if (IsBroken(rest, release.Holder))
            {
                return rest;
            }
        }

        return null;
    }

    /// <summary>A deadline, moved behind the hold of another that only it made possible.</summary>
    private static List<Operation>? WithALaterDeadline(List<Operation> history, Random random)
    {
        foreach (var lapse in history.Where(one => one.Act == Act.Lapse && !one.IsOpen).OrderBy(_ => random.Next()))
        {
            var later = lapse with { Call = lapse.Call + 200, Return = lapse.Return + 200 };
            List<Operation> changed = [.. history.Select(one => one == lapse ? later : one)];
            if (IsBroken(changed, lapse.Holder))
            {
                return changed;
            }
        }

        return null;
    }

    private static bool IsBroken(List<Operation> history, int holder) => Had(history).Any(period => period.Holder == holder
        && history.Exists(one => one.Act == Act.Hold && one.Holder != holder && one.Call > period.From && one.Return < period.To));

    private sealed record Period(int Holder, long From, long To);
}
