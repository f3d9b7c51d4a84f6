namespace OrleansConcert.Api.Http;

/// <summary>The grains by what they are called outside.</summary>
internal static class GrainNames
{
    public static ICatalogGrain Catalog(this IGrainFactory grains) => grains.GetGrain<ICatalogGrain>(WireNames.Catalog);

    public static IAnswersGrain Answers(this IGrainFactory grains) => grains.GetGrain<IAnswersGrain>(WireNames.Answers);

    public static IRepeatsGrain Repeats(this IGrainFactory grains, string caller) =>
        grains.GetGrain<IRepeatsGrain>(WireNames.Repeats(caller));

    public static IHealthGrain Health(this IGrainFactory grains) => grains.GetGrain<IHealthGrain>(WireNames.Health);

    public static IAuditGrain Audit(this IGrainFactory grains) => grains.GetGrain<IAuditGrain>(WireNames.Audit);

    public static ITrailGrain Trails(this IGrainFactory grains) => grains.GetGrain<ITrailGrain>(WireNames.Trails);

    public static IWaitingQueueGrain Queue(this IGrainFactory grains, string id) => grains.GetGrain<IWaitingQueueGrain>(id);

    public static ITokenGrain Token(this IGrainFactory grains, string queueId, long ticket) =>
        grains.GetGrain<ITokenGrain>(WireNames.Token(queueId, ticket));

    public static IConcertGrain Concert(this IGrainFactory grains, string id) => grains.GetGrain<IConcertGrain>(id);

    public static IScheduleGrain Schedule(this IGrainFactory grains, string id) => grains.GetGrain<IScheduleGrain>(id);

    public static IWalletGrain Wallet(this IGrainFactory grains, string userId) => grains.GetGrain<IWalletGrain>(userId);
}
