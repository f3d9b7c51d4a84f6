using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests;

public class PolicyTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>What each member's bounds are, in the words that a caller is told.</summary>
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["admitCount"] = "1 to 1000000, or null for no limit",
        ["admitEvery"] = "PT0.1S to PT1H",
        ["maxActive"] = "1 to 1000000, or null for no cap",
        ["activeTtl"] = "PT1S to P1D",
        ["activeIdleTimeout"] = "PT1S to P1D, or null for never",
        ["waitingIdleTimeout"] = "PT1S to P1D, or null for never",
        ["holdTtl"] = "PT1S to P1D",
        ["maxSeatsPerHold"] = "1 to 20",
        ["maxSeatsPerUser"] = "1 to 1000, or null for no cap",
    };

    [Fact]
    public void The_standard_preset_is_what_is_documented()
    {
        Assert.Equal([Preset.Standard], Preset.All.ToArray());
        Assert.Same(Preset.Standard, Preset.Find("standard"));
        Assert.Null(Preset.Find("Standard"));
        Assert.Null(Preset.Find(""));
        Assert.Equal(
            new()
            {
                Reissue = Reissue.ReturnExisting,
                AdmitCount = 100,
                AdmitEvery = Second,
                MaxActive = 1_000,
                AdmitOnPoll = true,
                ActiveTtl = TimeSpan.FromMinutes(30),
                ActiveIdleTimeout = TimeSpan.FromMinutes(5),
                WaitingIdleTimeout = TimeSpan.FromMinutes(10),
                WalletGate = WalletGate.Open,
                BrowseGate = BrowseGate.Active,
            },
            Preset.Standard.Queue);
        Assert.Equal(
            new()
            {
                HoldTtl = TimeSpan.FromMinutes(5),
                ExplicitReserve = false,
                MaxSeatsPerHold = 4,
                MaxSeatsPerUser = null,
                TokenPerPayment = true,
            },
            Preset.Standard.Sale);
    }

    [Fact]
    public void Every_preset_is_within_its_bounds() => Assert.All(Preset.All, preset =>
    {
        Assert.Empty(preset.Queue.Violations());
        Assert.Empty(preset.Sale.Violations());
    });

    [Fact]
    public void Counts_of_a_queue_have_bounds()
    {
        (int?, bool)[] counts = [(null, true), (1, true), (1_000_000, true), (0, false), (-1, false), (1_000_001, false)];
        foreach (var (count, ok) in counts)
        {
            Expect("admitCount", ok, Some.QueuePolicy with { AdmitCount = count });
            Expect("maxActive", ok, Some.QueuePolicy with { MaxActive = count });
        }
    }

    [Fact]
    public void The_interval_has_bounds()
    {
        var (least, most) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1));
        Expect("admitEvery", true, Some.QueuePolicy with { AdmitEvery = least });
        Expect("admitEvery", true, Some.QueuePolicy with { AdmitEvery = most });
        Expect("admitEvery", false, Some.QueuePolicy with { AdmitEvery = least - Tick });
        Expect("admitEvery", false, Some.QueuePolicy with { AdmitEvery = most + Tick });
        Expect("admitEvery", false, Some.QueuePolicy with { AdmitEvery = TimeSpan.Zero });
    }

    [Fact]
    public void Lifetimes_last_from_a_second_to_a_day()
    {
        foreach (var (span, ok) in new[]
        {
            (Second, true), (Day, true), (Second - Tick, false), (Day + Tick, false), (TimeSpan.Zero, false), (-Second, false),
        })
        {
            Expect("activeTtl", ok, Some.QueuePolicy with { ActiveTtl = span });
            Expect("activeIdleTimeout", ok, Some.QueuePolicy with { ActiveIdleTimeout = span });
            Expect("waitingIdleTimeout", ok, Some.QueuePolicy with { WaitingIdleTimeout = span });
            Expect("holdTtl", ok, Some.SalePolicy with { HoldTtl = span });
        }

        Expect("activeIdleTimeout", true, Some.QueuePolicy with { ActiveIdleTimeout = null });
        Expect("waitingIdleTimeout", true, Some.QueuePolicy with { WaitingIdleTimeout = null });
    }

    [Fact]
    public void Seats_of_a_hold_and_of_a_user_have_bounds()
    {
        foreach (var (count, ok) in new[] { (1, true), (20, true), (0, false), (-1, false), (21, false) })
        {
            Expect("maxSeatsPerHold", ok, Some.SalePolicy with { MaxSeatsPerHold = count });
        }

        foreach (var (count, ok) in new (int?, bool)[] { (null, true), (1, true), (1_000, true), (0, false), (1_001, false) })
        {
            Expect("maxSeatsPerUser", ok, Some.SalePolicy with { MaxSeatsPerUser = count });
        }
    }

    private static void Expect(string member, bool ok, QueuePolicy policy) => Expect(member, ok, policy.Violations());

    private static void Expect(string member, bool ok, SalePolicy policy) => Expect(member, ok, policy.Violations());

    private static void Expect(string member, bool ok, IEnumerable<(string Member, string Allowed)> violations) =>
        Assert.Equal(ok ? [] : [(member, Allowed[member])], violations);
}
