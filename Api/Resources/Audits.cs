using OrleansConcert.Api.Access;

namespace OrleansConcert.Api.Resources;

/// <summary>Whether all that must always hold does hold, recomputed from the journal.</summary>
internal sealed class Audits(IGrainFactory grains) : IResource
{
    public void Map(Routes routes) => routes.Slow(
        "/v1/admin/audit/invariants", Gate.Admin, async _ => Reply.Of(await grains.Audit().Invariants()));
}
