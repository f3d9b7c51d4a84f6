using OrleansConcert.Domain.Queues;
using static OrleansConcert.Domain.Tests.Queues.QueueScene;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>A policy is changed under people who wait.</summary>
public class LivePolicyTests
{
    private static readonly QueuePolicy Policy = Some.QueuePolicy with
    {
        AdmitCount = 3,
        AdmitEvery = Some.Ms(1_000),
        MaxActive = 3,
        AdmitOnPoll = true,
    };

    private readonly QueueScene _scene = new(Policy);

    public LivePolicyTests()
    {
        for (var user = 1; user <= 8; user++)
        {
            _scene.Join($"u{user}");
        }

        Admit(0, atBoundary: true);
        Assert.Equal(3, _scene.Queue.ActiveCount);
    }

    [Fact]
    public void A_lower_cap_ends_nobody_and_admits_nobody_until_there_are_fewer()
    {
        Put(Policy with { MaxActive = 2 }, 1);

        Assert.Equal(3, _scene.Queue.ActiveCount);
        Assert.Empty(Admitting.Due(_scene.Queue, At(1_000), atBoundary: true));
        Leave(1);
        Assert.Empty(Admitting.Due(_scene.Queue, At(1_000), atBoundary: true));
        Leave(2);
        Assert.Equal(1, Admit(1_000, atBoundary: true));
    }

    [Fact]
    public void No_cap_admits_as_many_as_the_interval_has_left()
    {
        Put(Policy with { MaxActive = null }, 1);

        Assert.Equal((0, 3), (Admit(999, atBoundary: false), Admit(1_000, atBoundary: true)));
    }

    [Fact]
    public void No_limit_an_interval_fills_every_place_at_once()
    {
        Put(Policy with { AdmitCount = null, MaxActive = 6 }, 1);

        Assert.Equal(3, Admit(1, atBoundary: false));
    }

    [Fact]
    public void No_limit_at_all_admits_everybody_at_once()
    {
        Put(Policy with { AdmitCount = null, MaxActive = null }, 1);

        Assert.Equal(5, Admit(1, atBoundary: false));
        Assert.Equal(Instant.Never, Admitting.NextAt(_scene.Queue, At(1)));
    }

    [Fact]
    public void A_place_that_is_freed_waits_for_the_interval_once_polls_admit_nobody_and_is_filled_once_they_do()
    {
        Put(Policy with { AdmitCount = null, AdmitOnPoll = false }, 1);
        Leave(1);

        Assert.Equal(0, Admit(500, atBoundary: false));
        Assert.Equal(At(1_000), Admitting.NextAt(_scene.Queue, At(500)));
        Put(Policy with { AdmitCount = null }, 501);
        Assert.Equal(1, Admit(501, atBoundary: false));
    }

    [Fact]
    public void A_resumed_queue_starts_its_intervals_anew_with_a_budget_of_their_own()
    {
        Put(Policy with { MaxActive = null }, 1);
        _scene.Fold(Managing.Set(_scene.Queue, QueueMode.Paused, At(300)));
        Assert.Equal((0, Instant.Never), (Admit(2_000, atBoundary: true), Admitting.NextAt(_scene.Queue, At(2_000))));

        _scene.Fold(Managing.Set(_scene.Queue, QueueMode.Open, At(2_300)));

        Assert.Equal(At(3_300), Admitting.NextAt(_scene.Queue, At(2_300)));
        Assert.Equal((3, 0), (Admit(2_300, atBoundary: true), Admit(3_299, atBoundary: false)));
        Assert.Equal(2, Admit(3_300, atBoundary: true));
    }

    private void Put(QueuePolicy policy, long at) => _scene.Fold(Managing.Put(_scene.Queue, "standard", policy, At(at)));

    private void Leave(long ticket) => _scene.Fold(Queueing.Leave(_scene.Queue, ticket, At(1)));

    /// <summary>How many are admitted then.</summary>
    private int Admit(long at, bool atBoundary)
    {
        var before = _scene.Queue.ActiveCount;
        foreach (var admitted in Admitting.Due(_scene.Queue, At(at), atBoundary))
        {
            _scene.Fold(admitted);
        }

        return _scene.Queue.ActiveCount - before;
    }
}
