namespace OrleansConcert.Simulation;

/// <summary>Policies small enough that two hundred operations meet every bound of them.</summary>
internal static class Policies
{
    public static readonly TimeSpan LongestActive = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(30);

    /// <summary>Lets everybody in who waits: what a world is closed with.</summary>
    public static QueuePolicy Open => Preset.Standard.Queue with
    {
        AdmitCount = null,
        MaxActive = null,
        ActiveTtl = TimeSpan.FromSeconds(10),
    };

    /// <summary>A preset made small, or whatever is within the bounds.</summary>
    public static QueuePolicy AnyQueue(Random random) => random.Next(3) == 0
        ? Small(Preset.All[random.Next(Preset.All.Length)].Queue)
        : new()
        {
            Reissue = One(random, Reissue.ReturnExisting, Reissue.Requeue, Reissue.RotateInPlace),
            AdmitCount = One<int?>(random, null, 1, 2, 5),
            AdmitEvery = Seconds(One(random, 0.1, 0.5, 1, 5)),
            MaxActive = One<int?>(random, null, 1, 2, 3, 5),
            AdmitOnPoll = random.Next(2) == 0,
            ActiveTtl = Seconds(One(random, 2, 10, 30, 60)),
            ActiveIdleTimeout = Maybe(One(random, 0, 1, 5, 20)),
            WaitingIdleTimeout = Maybe(One(random, 0, 5, 30, 60)),
            WalletGate = WalletGate.Open,
            BrowseGate = BrowseGate.Active,
        };

    public static SalePolicy AnySale(Random random) => new()
    {
        HoldTtl = Seconds(One(random, 1, 3, 10, 30)),
        ExplicitReserve = random.Next(3) == 0,
        MaxSeatsPerHold = random.Next(1, 5),
        MaxSeatsPerUser = One<int?>(random, null, 2, 4),
        TokenPerPayment = random.Next(2) == 0,
    };

    /// <summary>Mostly a few seats; sometimes a single one, which everybody wants.</summary>
    public static ImmutableArray<Section> AnyHouse(Random random) => random.Next(8) == 0
        ? [new Section("A", 1, 1, 10_000)]
        :
        [
            .. Enumerable.Range(0, random.Next(1, 3)).Select(section => new Section(
                $"{(char)('A' + section)}", random.Next(1, 3), random.Next(2, 5), One(random, 0, 10_000, 25_000_000))),
        ];

    /// <summary>How many buyers there are: a handful, sometimes a crowd.</summary>
    public static int AnyCrowd(Random random) => random.Next(16) == 0 ? random.Next(60, 81) : random.Next(2, 9);

    public static T One<T>(Random random, params ReadOnlySpan<T> of) => of[random.Next(of.Length)];

    /// <summary>A minute of a busy day is a second here, and fifty places are two.</summary>
    private static QueuePolicy Small(QueuePolicy busy) => busy with
    {
        AdmitCount = busy.AdmitCount / 25,
        AdmitEvery = Seconds(Math.Max(0.1, busy.AdmitEvery.TotalMinutes)),
        MaxActive = busy.MaxActive is { } most ? Math.Min(most / 25, 5) : null,
        ActiveTtl = busy.ActiveTtl / 60,
        ActiveIdleTimeout = busy.ActiveIdleTimeout / 60,
        WaitingIdleTimeout = busy.WaitingIdleTimeout / 60,
    };

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan? Maybe(int seconds) => seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
}
