using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Domain.Audits;

/// <summary>
/// All that ever happened to one user's tokens of one queue, gathered from its events read backwards. An admission names its last
/// ticket only, so those read are kept for the tickets that joined before them.
/// </summary>
public sealed class TokenTrail(string queueId, string userId)
{
    private readonly List<Admitted> _admissions = [];
    private readonly List<(Instant At, TrailEntry Entry)> _newestFirst = [];

    /// <summary>By ticket, how many of the admissions came after its end.</summary>
    private readonly Dictionary<long, int> _afterEnd = [];

    /// <summary>What happened so far as it was read, oldest first.</summary>
    public ImmutableArray<TrailEntry> Entries =>
        [.. _newestFirst.AsEnumerable().Reverse().OrderBy(each => each.At).Select(each => each.Entry)];

    /// <summary>Takes the event before the one observed last.</summary>
    public void ObserveEarlier(QueueEvent happened)
    {
        switch (happened)
        {
            case Admitted admitted:
                _admissions.Add(admitted);
                break;
            case Ended ended when ended.UserId == userId:
                _afterEnd[ended.Ticket] = _admissions.Count;
                Add(ended, TrailEvent.Ended, ended.PaymentId, $"{Reason(ended.Reason)}: {Sentence(ended)}");
                break;
            case Rotated rotated when rotated.UserId == userId:
                Add(rotated, TrailEvent.Ended, null,
                    $"{Reason(EndReason.Rotated)}: {userId} joined queue {queueId} again and got a new token for the place of ticket "
                    + $"{rotated.Ticket}; the old token is void, the place stays.");
                break;
            case Joined joined when joined.UserId == userId:
                if (AdmissionOf(joined.Ticket) is { } admission)
                {
                    var until = $"ACTIVE until {admission.ExpiresAt}, or longer while it has a live hold";
                    var others = admission.Count == 1 ? "" : $", one of {admission.Count} at once";
                    Add(admission, TrailEvent.Admitted, null,
                        $"It was the turn of ticket {joined.Ticket} of queue {queueId}{others}; {until}.");
                }

                Add(joined, TrailEvent.Joined, null, $"{userId} took ticket {joined.Ticket} of queue {queueId}.");
                break;
        }
    }

    /// <summary>The earliest admission that reached the ticket, unless it had ended before.</summary>
    private Admitted? AdmissionOf(long ticket)
    {
        // Read backwards their last tickets only fall, so those that reached this one are a run from the newest.
        var (low, high) = (0, _admissions.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _admissions[middle].Through >= ticket ? (middle + 1, high) : (low, middle);
        }

        return low > _afterEnd.GetValueOrDefault(ticket) ? _admissions[low - 1] : null;
    }

    private void Add(QueueEvent happened, TrailEvent what, string? paymentId, string why) =>
        _newestFirst.Add((happened.At, new(happened.At, what, userId, null, paymentId, why)));

    private static string Reason(EndReason reason) => reason.ToString().ToUpperInvariant();

    private string Sentence(Ended ended) => ended.Reason switch
    {
        EndReason.Paid => $"{userId} paid with {ended.PaymentId}, which used ticket {ended.Ticket} up.",
        EndReason.Ttl => $"The time of ticket {ended.Ticket} was over, and no live hold kept it longer.",
        EndReason.Idle => $"Nothing was heard of ticket {ended.Ticket} for longer than queue {queueId} waits.",
        EndReason.Left => $"{userId} left queue {queueId} and gave ticket {ended.Ticket} up.",
        EndReason.Requeued => $"{userId} joined queue {queueId} again, which ended ticket {ended.Ticket} for a new place at the end.",
        EndReason.Admin => $"An operator ended ticket {ended.Ticket} of queue {queueId}, saying:",
        EndReason.Rotated => $"Another token took the place of ticket {ended.Ticket}.",
    } + (ended.Why is { } why ? $" {why}" : "");
}
