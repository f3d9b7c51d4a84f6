using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>How long a wait is said to last, against how long it lasts, in queues that are played.</summary>
public class EstimateTests
{
    private static readonly QueuePolicy Windows = Some.QueuePolicy with
    {
        AdmitCount = 100,
        AdmitEvery = TimeSpan.FromMinutes(1),
        AdmitOnPoll = false,
        MaxActive = null,
    };

    private static readonly QueuePolicy Places = Some.QueuePolicy with { AdmitCount = null, MaxActive = 50 };

    [Fact]
    public void Where_windows_admit_the_wait_is_to_the_next_and_whole_ones_from_there() => Walk.Each(seeds: 10, steps: 1, random => () =>
    {
        var play = new Played(random, Windows with
        {
            AdmitCount = random.Pick(1, 50, 100),
            AdmitEvery = random.Pick(Some.Ms(1_000), Some.Ms(10_000), Some.Ms(60_000)),
        });
        play.Join(random.Next(200, 3_000));
        play.Run(seconds: 1_200, leave: random.Next(2));
        play.CheckSteady(within: 0.02, slackMs: 100);
    });

    [Fact]
    public void Where_places_get_free_by_chance_the_wait_is_a_fifth_off_at_the_most() => Walk.Each(seeds: 8, steps: 1, random => () =>
    {
        var play = new Played(random, Places with { AdmitOnPoll = random.Once(2), AdmitEvery = Some.Ms(1_000) })
        {
            ServiceMs = random.Pick(2_000, 10_000),
        };
        play.Join(4_000);
        play.Run(seconds: 20 * play.ServiceMs / 1_000);
        var from = play.Now;
        play.Run(seconds: 60 * play.ServiceMs / 1_000);
        play.CheckSteady(within: 0.2, slackMs: 1_000, from, minimum: 1_000);
    });

    [Fact]
    public void A_wait_rises_by_less_than_a_tenth_between_polls_whatever_happens() => Walk.Each(seeds: 10, steps: 1, random => () =>
    {
        var play = new Played(random, random.Pick(Places, Places with { AdmitCount = 100, AdmitEvery = Some.Ms(1_000) }))
        {
            ServiceMs = random.Pick(2_000, 10_000),
        };
        play.Join(3_000);
        play.Run(seconds: 200);
        play.ServiceMs *= random.Pick(1, 3, 100_000);
        play.Run(seconds: 200);
        play.Change(random.Pick(Places with { MaxActive = 10 }, Places with { MaxActive = 100 }));
        play.Run(seconds: 200);
        play.CheckRises();
    });

    [Fact]
    public void A_restart_raises_no_wait_by_more_than_a_tenth() => Walk.Each(seeds: 10, steps: 1, random => () =>
    {
        var play = new Played(random, random.Pick(Places, Places with { AdmitCount = 100, AdmitEvery = Some.Ms(1_000) }))
        {
            ServiceMs = random.Pick(2_000, 10_000),
        };
        play.Join(4_000);
        foreach (var downMs in (int[])[0, 5_000, 5_000, 120_000])
        {
            play.Run(seconds: random.Next(60, 120));
            var before = play.EstimateOfLast()!.Value;
            play.Restart(downMs);
            Assert.InRange(play.EstimateOfLast() ?? long.MaxValue, 0, (before * 1.1) + 1);
        }

        play.Run(seconds: 60);
        play.CheckRises();
    });

    [Fact]
    public void While_nothing_is_known_nothing_is_said()
    {
        var play = new Played(new Random(1), Places) { ServiceMs = 60_000 };
        play.Join(100);
        Assert.Null(play.EstimateOfLast());
        play.Run(seconds: 60);
        Assert.NotNull(play.EstimateOfLast());
        play.Pause();
        Assert.Null(play.EstimateOfLast());
    }

    [Fact]
    public void Under_a_new_policy_of_which_nothing_is_known_nothing_is_said()
    {
        var play = new Played(new Random(1), Windows) { ServiceMs = 60_000 };
        play.Join(300);
        play.Run(seconds: 90);
        Assert.NotNull(play.EstimateOfLast());
        play.Change(Places);
        Assert.Null(play.EstimateOfLast());
        play.Run(seconds: 300);
        Assert.NotNull(play.EstimateOfLast());
        play.Change(Places with { WalletGate = WalletGate.Active });
        Assert.NotNull(play.EstimateOfLast());
        play.Change(Windows);
        Assert.NotNull(play.EstimateOfLast());
    }

    [Fact]
    public void Before_anything_is_measured_the_policy_says_it()
    {
        var play = new Played(new Random(1), Some.QueuePolicy with { AdmitCount = 10, AdmitEvery = Some.Ms(1_000), MaxActive = 5 });
        play.Join(105);
        Assert.Equal(10_000, play.EstimateOfLast());
    }
}
