using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

public class WaitingTests
{
    private static readonly QueuePolicy Policy = Some.QueuePolicy with { AdmitCount = 10, AdmitEvery = Some.Ms(2_000) };

    [Fact]
    public void A_wait_is_estimated_by_the_measured_rate_else_by_the_policy()
    {
        Assert.Equal(30_000, Waiting.EstimateMs(50, 100, Policy, QueueMode.Open));
        Assert.Equal(20_000, Waiting.EstimateMs(1, 3, Policy, QueueMode.Draining));
        Assert.Equal(8_572, Waiting.EstimateMs(1, 7, Policy, QueueMode.Open));
        Assert.Equal(10_000, Waiting.EstimateMs(50, 0, Policy, QueueMode.Open));
        Assert.Equal(200, Waiting.EstimateMs(1, 0, Policy, QueueMode.Open));
        Assert.Null(Waiting.EstimateMs(50, 0, Policy with { AdmitCount = null }, QueueMode.Open));
        Assert.Equal(30_000, Waiting.EstimateMs(50, 100, Policy with { AdmitCount = null }, QueueMode.Open));
        Assert.Null(Waiting.EstimateMs(50, 100, Policy, QueueMode.Paused));
    }

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
    public void Who_joined_together_does_not_ask_together() =>
        Assert.True(Enumerable.Range(1, 100).Select(ticket => Waiting.PollAfterMs(1_000, ticket)).Distinct().Count() > 80);

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
