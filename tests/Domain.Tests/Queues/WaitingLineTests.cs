using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

public class WaitingLineTests
{
    [Fact]
    public void A_line_is_a_sorted_set() => Walk.Each(seeds: 100, steps: 300, random =>
    {
        var (line, set, last) = (new WaitingLine(), new SortedSet<long>(), (long)random.Next(10_000));
        return () =>
        {
            switch (random.Next(5))
            {
                case 0 or 1:
                    last += random.Next(20) == 0 ? random.Next(100_000) : random.Pick(1, 1, 2, 63, 64, 65, 4_095, 4_096, 4_097);
                    line.Add(last);
                    set.Add(last);
                    break;
                case 2 when set.Count > 0:
                    Assert.True(line.Remove(set.Min));
                    set.Remove(set.Min);
                    break;
                case 3 when set.Count > 0:
                    var one = set.ElementAt(random.Next(set.Count));
                    Assert.True(line.Remove(one));
                    set.Remove(one);
                    break;
                default:
                    var other = random.NextInt64(last + 10_000);
                    Assert.Equal(set.Remove(other), line.Remove(other));
                    break;
            }

            Assert.Equal(set.Count, line.Count);
            Assert.Equal(set, line.FromFront());
            foreach (var ticket in set.TakeLast(3).Append(random.NextInt64(last + 10_000)).Append(0).Append(last + 1))
            {
                Assert.Equal(set.Contains(ticket), line.Contains(ticket));
                Assert.Equal(set.TakeWhile(before => before < ticket).Count(), line.Ahead(ticket));
            }
        };
    });

    [Fact]
    public void A_million_wait_in_order_and_leave_from_anywhere()
    {
        var line = new WaitingLine();
        for (var ticket = 1L; ticket <= 1_000_000; ticket++)
        {
            line.Add(ticket);
        }

        for (var ticket = 3L; ticket <= 1_000_000; ticket += 3)
        {
            Assert.True(line.Remove(ticket));
        }

        Assert.Equal(1_000_000 - 333_333, line.Count);
        Assert.Equal(line.Count - 1, line.Ahead(1_000_000));
        for (var ticket = 1L; ticket <= 1_000_000; ticket += 9_973)
        {
            Assert.Equal(ticket - 1 - ((ticket - 1) / 3), line.Ahead(ticket));
        }

        Assert.Equal([1, 2, 4, 5, 7], line.FromFront().Take(5));
    }

    [Fact]
    public void A_million_waiting_cost_a_bit_each_and_who_went_costs_nothing()
    {
        // All blocks together are a bit a ticket and some hundred counts.
        var line = new WaitingLine();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var ticket = 1L; ticket <= 1_000_000; ticket++)
        {
            line.Add(ticket);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 125_000, 200_000);
        before = GC.GetAllocatedBytesForCurrentThread();
        for (var ticket = 1L; ticket <= 1_000_000; ticket++)
        {
            line.Remove(ticket);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000);
        Assert.Equal((0, 0, 0), (line.Count, line.FromFront().Count(), line.Ahead(2_000_000)));

        // An empty line starts anew wherever the next ticket is.
        before = GC.GetAllocatedBytesForCurrentThread();
        line.Add(1_000_000_000_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_000);
    }
}
