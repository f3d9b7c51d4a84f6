using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain;

/// <summary>A named bundle of a queue's policy and the sale policy of the concerts made on it.</summary>
public sealed record Preset(string Name, QueuePolicy Queue, SalePolicy Sale)
{
    public static readonly Preset Standard = new(
        "standard",
        new()
        {
            Reissue = Reissue.ReturnExisting,
            AdmitCount = 100,
            AdmitEvery = TimeSpan.FromSeconds(1),
            MaxActive = 1_000,
            AdmitOnPoll = true,
            ActiveTtl = TimeSpan.FromMinutes(30),
            ActiveIdleTimeout = TimeSpan.FromMinutes(5),
            WaitingIdleTimeout = TimeSpan.FromMinutes(10),
            WalletGate = WalletGate.Open,
            BrowseGate = BrowseGate.Active,
        },
        new()
        {
            HoldTtl = TimeSpan.FromMinutes(5),
            ExplicitReserve = false,
            MaxSeatsPerHold = 4,
            MaxSeatsPerUser = null,
            TokenPerPayment = true,
        });

    public static readonly Preset Gated = Standard with
    {
        Name = "gated",
        Queue = Standard.Queue with
        {
            AdmitCount = 50,
            AdmitEvery = TimeSpan.FromSeconds(10),
            AdmitOnPoll = false,
            MaxActive = null,
            ActiveTtl = TimeSpan.FromMinutes(10),
            WaitingIdleTimeout = null,
            WalletGate = WalletGate.Active,
        },
    };

    public static readonly Preset Capacity = Standard with
    {
        Name = "capacity",
        Queue = Standard.Queue with
        {
            AdmitCount = null,
            MaxActive = 50,
            ActiveIdleTimeout = null,
            WaitingIdleTimeout = null,
            BrowseGate = BrowseGate.NotExpired,
        },
    };

    public static readonly Preset Batch = Standard with
    {
        Name = "batch",
        Queue = Standard.Queue with
        {
            AdmitEvery = TimeSpan.FromMinutes(1),
            AdmitOnPoll = false,
            MaxActive = null,
            ActiveIdleTimeout = null,
            WaitingIdleTimeout = null,
            ActiveTtl = TimeSpan.FromMinutes(10),
        },
    };

    public static readonly Preset Requeue = Standard with
    {
        Name = "requeue",
        Queue = Standard.Queue with
        {
            Reissue = Reissue.Requeue,
            AdmitCount = 50,
            AdmitEvery = TimeSpan.FromSeconds(10),
            WaitingIdleTimeout = TimeSpan.FromMinutes(5),
        },
        Sale = Standard.Sale with { ExplicitReserve = true },
    };

    public static readonly Preset Classic = Batch with
    {
        Name = "classic",
        Queue = Batch.Queue with { AdmitCount = 50, AdmitEvery = TimeSpan.FromSeconds(10) },
    };

    /// <summary>Every preset, in the order in which they are documented.</summary>
    public static readonly ImmutableArray<Preset> All = [Standard, Gated, Capacity, Batch, Requeue, Classic];

    /// <summary>The preset of that name, or null.</summary>
    public static Preset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);
}
