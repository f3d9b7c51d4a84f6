using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Grains;

/// <summary>
/// The line of a queue as it is on disk: a position shown from here was true, and stays so after a crash.
/// </summary>
internal sealed class QueueBoard
{
    private readonly AdmissionRate _rate = new();

    public WaitingLine Line { get; } = new();

    /// <summary>Takes over everybody who waits; all of that is durable.</summary>
    public void Start(QueueState queue)
    {
        foreach (var ticket in queue.Line.FromFront())
        {
            Line.Add(ticket);
        }
    }

    /// <summary>Folds a durable event.</summary>
    public void Apply(QueueEvent happened)
    {
        switch (happened)
        {
            case Joined joined:
                Line.Add(joined.Ticket);
                break;
            case Admitted admitted:
                foreach (var ticket in Line.FromFront().TakeWhile(ticket => ticket <= admitted.Through).ToArray())
                {
                    Line.Remove(ticket);
                }

                _rate.Record(admitted.At, admitted.Count);
                break;
            case Ended ended:
                Line.Remove(ended.Ticket);
                break;
        }
    }

    /// <summary>
    /// The token as its owner sees it, with its place in <paramref name="line"/>: the durable line for a poll, the decided one for
    /// an answer that is told only when that is durable.
    /// </summary>
    public TokenView View(string queueId, QueueState queue, WaitingLine line, Token token, string text, Instant now)
    {
        var waits = token.Status == TokenStatus.Waiting;
        var position = waits ? line.Ahead(token.Ticket) + 1L : 0;
        return new(
            text,
            queueId,
            OpennessOf(queue),
            token.UserId,
            token.Status,
            position,
            Math.Max(position - 1, 0),
            waits ? Waiting.EstimateMs(position, _rate.PerMinute(now), queue.Policy!, queue.Mode) : 0,
            waits ? Waiting.PollAfterMs(position, token.Ticket) : Waiting.PollActiveMs,
            token.IssuedAt,
            token.ActivatedAt,
            token.ExpiresAt,
            token.EndedAt,
            token.Reason);
    }

    /// <summary>The queue as an operator sees it.</summary>
    public QueueView View(string queueId, QueueState queue, Instant now) => new(
        queueId,
        queue.Mode,
        queue.Preset,
        queue.Policy!,
        new(
            queue.Line.Count,
            queue.ActiveCount,
            queue.Totals.Admitted,
            queue.Totals.Done,
            queue.Totals.Expired,
            queue.Totals.Cancelled,
            _rate.PerMinute(now)));

    private static QueueOpenness OpennessOf(QueueState queue) => queue.Mode switch
    {
        QueueMode.Paused => QueueOpenness.Paused,
        QueueMode.Draining => QueueOpenness.Draining,
        QueueMode.Open => queue.ActiveCount >= queue.Policy!.MaxActive ? QueueOpenness.Full : QueueOpenness.Open,
    };
}
