using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Tests.Queues;

/// <summary>A queue opened at noon, and what a test lets happen in it.</summary>
internal sealed class QueueScene
{
    private long _version;

    public QueueScene(QueuePolicy policy) => Fold(new QueueOpened(Some.Noon, "standard", policy));

    public QueueState Queue { get; private set; } = new();

    public static Instant At(long milliseconds) => Some.Noon + Some.Ms(milliseconds);

    public Token Find(long ticket) => Queue.Find(ticket)!;

    public void Join(string user, long at = 0) => Fold(Queueing.Join(Queue, user, 0, 7, At(at)));

    public void JoinAndAdmit(string user)
    {
        Join(user);
        Fold(Admitting.Due(Queue, At(0), atBoundary: true).Single());
    }

    /// <summary>A stop and a start: what is not in the snapshot is gone.</summary>
    public void Restart(long at)
    {
        Queue = QueueState.From(Queue.ToSnapshot());
        Queue.TouchAll(At(at));
    }

    public Ended[] Due(long at) => [.. Due(Queue, At(at)).Cast<Ended>()];

    /// <summary>Those due where everybody who was heard of is known.</summary>
    public static ImmutableArray<QueueEvent> Due(QueueState queue, Instant now, Token? asked = null) =>
        Endings.Due(queue, now, now, asked);

    /// <summary>When the next token may end by itself, either way.</summary>
    public static Instant NextEndAt(QueueState queue) => Instant.Min(Endings.NextTimeOverAt(queue), Endings.NextIdleAt(queue));

    public void Fold(Decision<QueueEvent> decision)
    {
        Assert.Null(decision.Refused);
        foreach (var happened in decision.Events)
        {
            Fold(happened);
        }
    }

    public void Fold(QueueEvent happened) => Queue.Apply(happened, ++_version);
}
