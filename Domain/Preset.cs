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

    /// <summary>Every preset, in the order in which they are documented.</summary>
    public static readonly ImmutableArray<Preset> All = [Standard];

    /// <summary>The preset of that name, or null.</summary>
    public static Preset? Find(string name) => All.FirstOrDefault(preset => preset.Name == name);
}
