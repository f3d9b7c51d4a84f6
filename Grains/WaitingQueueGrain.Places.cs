using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Grains;

/// <summary>How users come by their places, and lose them to an operator.</summary>
public sealed partial class WaitingQueueGrain
{
    public Task<Answer<TokenView>> Join(string userId, Repeat? repeat) => Rejoin(userId, 0, repeat);

    public async Task<Answer<TokenView>> Rejoin(string userId, long ticket, Repeat? repeat)
    {
        await (State.Policy is null ? Task.CompletedTask : BeWoken());
        var now = Advance(State.LiveOf(userId));
        var decision = Queueing.Join(State, userId, ticket, Ids.NextNonce(), now);
        return await Answer(
            decision,
            decision.Events.IsEmpty ? 200 : 201,
            () =>
            {
                var token = State.LiveOf(userId)!;
                State.Touch(token, now);
                return View(token, Sign(token), now);
            },
            repeat,
            showsAll: true);
    }

    public async Task<long> TicketOf(string userId)
    {
        LeaveIfNobody();
        var ticket = State.LiveOf(userId)?.Ticket ?? 0;
        await EnsureCurrent();
        return ticket;
    }

    public Task<Answer<TokenView>> End(long ticket, string why, Repeat? repeat)
    {
        var now = Advance(State.Find(ticket));
        return Answer(
            Queueing.End(State, ticket, why, now),
            200,
            () => View(State.Find(ticket)!, Sign(State.Find(ticket)!), now),
            repeat);
    }

    public async Task<EndReason?> EndOf(long ticket)
    {
        var token = State.Find(ticket);
        await WhenDurable(token?.ChangedAt ?? 0);
        return token?.Reason;
    }
}
