using OrleansConcert.Api.Hosting;
using OrleansConcert.Api.Problems;

namespace OrleansConcert.Api.Resources;

/// <summary>What whoever runs the process asks it.</summary>
internal sealed class Health(Readiness readiness) : IResource
{
    private static readonly Reply Live = Reply.OfEdge(new HealthShape("live"));
    private static readonly Reply Ready = Reply.OfEdge(new HealthShape("ready"));
    private static readonly Problem NotReady = new(ProblemCode.Unavailable, "The store does not answer, or the engine is not started.");

    public void Map(Routes routes)
    {
        routes.Probe("/health/live", () => Live);
        routes.Probe("/health/ready", () => readiness.IsReady ? Ready : NotReady);
    }
}
