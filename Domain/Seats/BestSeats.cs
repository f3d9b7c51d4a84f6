namespace OrleansConcert.Domain.Seats;

/// <summary>
/// Which free seats are the best: a run of adjacent ones in the foremost row that has it, nearest to the middle of the row;
/// where no row has such a run, single ones from the front, nearest to the middle.
/// </summary>
internal static class BestSeats
{
    /// <summary>The seats, or none where fewer than <paramref name="count"/> are free. Full rows cost one look each.</summary>
    public static ImmutableArray<int> Find(ScheduleState schedule, int count, string? section)
    {
        foreach (var row in schedule.Plan.Rows(section))
        {
            if (schedule.FreeInRow(row.Row) >= count && AdjacentIn(schedule, row, count) is { } first)
            {
                return [.. Enumerable.Range(first, count)];
            }
        }

        var single = schedule.Plan.Rows(section)
            .Where(row => schedule.FreeInRow(row.Row) > 0)
            .SelectMany(row => FromMiddle(row).Where(seat => IsFree(schedule, seat)))
            .Take(count)
            .Order()
            .ToImmutableArray();
        return single.Length == count ? single : [];
    }

    private static int? AdjacentIn(ScheduleState schedule, RowSpan row, int count)
    {
        int? best = null;
        var run = 0;
        for (var seat = row.FirstSeat; seat < row.FirstSeat + row.Length; seat++)
        {
            run = IsFree(schedule, seat) ? run + 1 : 0;
            var first = seat - count + 1;
            if (run >= count && (best is null || FromMiddle(row, first, count) < FromMiddle(row, best.Value, count)))
            {
                best = first;
            }
        }

        return best;
    }

    private static bool IsFree(ScheduleState schedule, int seat) => schedule.HolderOf(seat) is null;

    /// <summary>Twice the distance of a run's middle from the row's, in seats.</summary>
    private static int FromMiddle(RowSpan row, int first, int count) =>
        Math.Abs((2 * (first - row.FirstSeat)) + count - row.Length);

    private static IEnumerable<int> FromMiddle(RowSpan row) =>
        Enumerable.Range(row.FirstSeat, row.Length).OrderBy(seat => FromMiddle(row, seat, 1));
}
