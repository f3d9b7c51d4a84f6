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

    /// <summary>Every member of every preset, in the order of the documents.</summary>
    public static TheoryData<string, object?[]> Presets => new()
    {
        {
            "standard",
            ["ReturnExisting", 100, "00:00:01", 1_000, true, "00:30:00", "00:05:00", "00:10:00", "Open", "Active", false]
        },
        { "gated", ["ReturnExisting", 50, "00:00:10", null, false, "00:10:00", "00:05:00", null, "Active", "Active", false] },
        { "capacity", ["ReturnExisting", null, "00:00:01", 50, true, "00:30:00", null, null, "Open", "NotExpired", false] },
        { "batch", ["ReturnExisting", 100, "00:01:00", null, false, "00:10:00", null, null, "Open", "Active", false] },
        { "requeue", ["Requeue", 50, "00:00:10", 1_000, true, "00:30:00", "00:05:00", "00:05:00", "Open", "Active", true] },
        { "classic", ["ReturnExisting", 50, "00:00:10", null, false, "00:10:00", null, null, "Open", "Active", false] },
    };

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_preset_is_what_is_documented(string name, object?[] members)
    {
        var (queue, sale) = (Preset.Find(name)!.Queue, Preset.Find(name)!.Sale);
        Assert.Equal(
            members,
            [
                queue.Reissue.ToString(), queue.AdmitCount, queue.AdmitEvery.ToString(), queue.MaxActive, queue.AdmitOnPoll,
                queue.ActiveTtl.ToString(), queue.ActiveIdleTimeout?.ToString(), queue.WaitingIdleTimeout?.ToString(),
                queue.WalletGate.ToString(), queue.BrowseGate.ToString(), sale.ExplicitReserve,
            ]);
        Assert.Equal(
            (TimeSpan.FromMinutes(5), 4, null, true),
            (sale.HoldTtl, sale.MaxSeatsPerHold, sale.MaxSeatsPerUser, sale.TokenPerPayment));
    }

    [Fact]
    public void A_preset_is_found_by_its_very_name()
    {
        Assert.Equal(
            ["standard", "gated", "capacity", "batch", "requeue", "classic"], Preset.All.Select(preset => preset.Name));
        Assert.All(Preset.All, preset => Assert.Same(preset, Preset.Find(preset.Name)));
        Assert.Null(Preset.Find("Standard"));
        Assert.Null(Preset.Find(""));
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
