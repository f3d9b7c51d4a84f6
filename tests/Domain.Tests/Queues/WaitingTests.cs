using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

public class WaitingTests
{
    [Fact]
    public void Who_stands_far_back_asks_less_often()
    {
        foreach (var ticket in Enumerable.Range(1, 1_000))
        {
            Assert.InRange(Waiting.PollAfterMs(0, ticket), 1_000, 1_100);
            Assert.InRange(Waiting.PollAfterMs(100, ticket), 1_000, 1_100);
            Assert.InRange(Waiting.PollAfterMs(1_000, ticket), 3_600, 4_400);
            Assert.InRange(Waiting.PollAfterMs(10_000, ticket), 6_300, 7_700);
            Assert.InRange(Waiting.PollAfterMs(100_000, ticket), 9_000, 10_000);
            Assert.InRange(Waiting.PollAfterMs(long.MaxValue, ticket), 9_000, 10_000);
        }
    }

    [Fact]
    public void Ten_thousand_who_joined_together_soon_ask_evenly_spread()
    {
        foreach (var position in (long[])[100, 1_000, 100_000])
        {
            // Each asks for two hundred of its polls; the last ten seconds of the shortest such time are counted by tenths.
            var near = Waiting.PollAfterMs(position, 0) * 200L;
            var tenths = new int[100];
            for (var ticket = position; ticket < position + 10_000; ticket++)
            {
                for (long at = 0; at < near; at += Waiting.PollAfterMs(position, ticket))
                {
                    if (at >= near - 10_000)
                    {
                        tenths[(at - (near - 10_000)) / 100]++;
                    }
                }
            }

            Assert.All(tenths, count => Assert.InRange(count, 0.8 * tenths.Average(), 1.2 * tenths.Average()));
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
