namespace OrleansConcert.Domain.Queues;

/// <summary>What became of everybody who ever joined.</summary>
public sealed record QueueTotals(long Admitted = 0, long Done = 0, long Expired = 0, long Cancelled = 0)
{
    /// <summary>The totals after <paramref name="change"/> more tokens ended so.</summary>
    public QueueTotals With(TokenStatus ended, int change) => ended switch
    {
        TokenStatus.Done => this with { Done = Done + change },
        TokenStatus.Expired => this with { Expired = Expired + change },
        TokenStatus.Cancelled => this with { Cancelled = Cancelled + change },
        TokenStatus.Waiting or TokenStatus.Active => throw new ArgumentOutOfRangeException(nameof(ended), ended, "not an end"),
    };
}
