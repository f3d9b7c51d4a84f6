using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

public class WaitingTests
{
    [Fact]
    public void Who_stands_far_back_asks_less_often()
    {
        foreach (var ticket in Enumerable.Range(1, 1_000))
        {
            Assert.InRange(Waiting.PollAfterMs(0, ticket, Some.Noon), 1_000, 1_100);
            Assert.InRange(Waiting.PollAfterMs(100, ticket, Some.Noon), 1_000, 1_100);
            Assert.InRange(Waiting.PollAfterMs(1_000, ticket, Some.Noon), 3_600, 4_400);
            Assert.InRange(Waiting.PollAfterMs(10_000, ticket, Some.Noon), 6_300, 7_700);
            Assert.InRange(Waiting.PollAfterMs(100_000, ticket, Some.Noon), 9_000, 10_000);
            Assert.InRange(Waiting.PollAfterMs(long.MaxValue, ticket, Some.Noon), 9_000, 10_000);
        }
    }

    [Fact]
    public void Ten_thousand_who_joined_together_soon_ask_evenly_spread()
    {
        foreach (var position in (long[])[100, 1_000, 100_000])
        {
            // Counted by tenths over ten seconds, once each has asked three hundred times or so.
            var from = 300L * Waiting.PollAfterMs(position, 0, Some.Noon);
            var tenths = new int[100];
            for (var ticket = position; ticket < position + 10_000; ticket++)
            {
                for (long at = 0; at < from + 10_000; at += Waiting.PollAfterMs(position, ticket, Some.Noon + Some.Ms(at)))
                {
                    if (at >= from)
                    {
                        tenths[(at - from) / 100]++;
                    }
                }
            }

            Assert.All(tenths, count => Assert.InRange(count, 0.7 * tenths.Average(), 1.3 * tenths.Average()));
        }
    }

    [Fact]
    public void The_rate_is_what_was_admitted_in_the_last_sixty_seconds() => Walk.Each(seeds: 100, steps: 200, random =>
    {
        var (rate, admitted, now) = (new AdmissionRate(), new List<(long Second, int Count)>(), Some.Noon);
        return () =>
        {
            now += Some.Ms(random.Pick(0, 1, 500, 1_000, 30_000, 59_000, 60_000, 61_000, 200_000));
            if (random.Once(2))
            {
                var count = random.Next(10);
                admitted.Add((now.Milliseconds / 1_000, count));
                rate.Record(now, count);
            }

            var expected = admitted.Where(entry => entry.Second > (now.Milliseconds / 1_000) - 60).Sum(entry => entry.Count);
            Assert.Equal(expected, rate.PerMinute(now));
            Assert.Equal(expected, rate.PerMinute(now));
        };
    });
}
