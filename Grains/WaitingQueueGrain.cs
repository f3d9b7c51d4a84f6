using OrleansConcert.Domain.Access;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>One waiting queue. Whatever frees a place fills it in the same turn; the rest waits for the timer.</summary>
public sealed partial class WaitingQueueGrain(JournaledGrainServices services, KeyRing keys)
    : WakingGrain<QueueState, QueueEvent>(services, JournalFormats.Queue), IWaitingQueueGrain
{
    public async Task<TokenSight?> Look(long ticket, uint nonce)
    {
        var voidSince = Queueing.RotatedAt(State, ticket, nonce, Now);
        if (State.Policy is null || Queueing.Known(State, ticket, Now) is not { } token || (voidSince is null && token.Nonce != nonce))
        {
            LeaveIfNobody();
            await EnsureCurrent();
            return null;
        }

        if (token.IsLive && voidSince is null)
        {
            // Before anything idle is ended: a call revives a token that idled unnoticed.
            State.Touch(token, Now);
        }

        Advance(token);
        await Flush();
        for (var shown = -1L; shown != token.ChangedAt;)
        {
            await WhenDurable(shown = token.ChangedAt);
        }

        // Nothing of it un-happens when a write that is under way fails.
        var view = View(_board.Line, _board.Openness, token, "", Now);
        view = voidSince is { } at ? view.ToRotated(at) : view;
        return new(view, token.PaymentId, _board.Policy!.WalletGate, _board.Policy.BrowseGate);
    }

    public async Task<Answer<Permit>> Permit(long ticket, TimeSpan holdTtl)
    {
        var now = Advance(State.Find(ticket));
        var until = Queueing.PermitUntil(holdTtl, now);
        var isFirst = State.Find(ticket) is { } asking && Instant.Max(asking.PinnedUntil, asking.HeldUntil) <= now;
        var answer = await Answer(Queueing.Permit(State, ticket, holdTtl, now), 200, () =>
        {
            // A hold that is sold for longer elsewhere keeps the token as long.
            var token = State.Find(ticket)!;
            State.Hold(token, Instant.Max(token.HeldUntil, until));
            return new Permit(until, 0, isFirst);
        });
        return answer.Refused is QueueRefused { Reason: QueueRefusal.TokenNotActive } waiting
            ? waiting with { Position = _board.Line.Ahead(ticket) + 1 }
            : answer;
    }

    public async Task Unpin(long ticket)
    {
        // While schedules still tell of their holds nobody knows which was the last; then the pin runs out by itself.
        if (!IsStarting && State.Find(ticket) is { IsLive: true } token)
        {
            var now = Now;
            State.Release(token, now);
            Fold(Queueing.Unpin(State, ticket, now).Events);
            Advance();
            await Flush();
        }
    }

    public Task<Answer<TokenView>> Leave(long ticket)
    {
        var now = Advance(State.Find(ticket));
        return Answer(
            Queueing.Leave(State, ticket, now),
            200,
            () => View(State.Find(ticket)!, "", now));
    }

    public async Task Complete(long ticket, string paymentId)
    {
        var now = Advance(State.Find(ticket));
        var decision = Queueing.Complete(State, ticket, paymentId, now);
        Fold(decision.Events);
        React();
        await Flush();
        await WhenDurable(decision.Shows);
    }

    public async Task<EndReason?> Held(long ticket, Instant until)
    {
        if (State.Find(ticket) is not { } token)
        {
            return null;
        }

        if (token.IsLive)
        {
            State.Hold(token, until);
            await EnsureCurrent();
            return null;
        }

        await Flush();
        await WhenDurable(token.ChangedAt);
        return token.Reason;
    }

    public Task<Answer<QueueView>> Get()
    {
        var now = Advance();
        return Answer(Managing.Get(State), 200, () => View(now), showsAll: true);
    }

    public async Task<QueueView> Put(string preset, QueuePolicy policy)
    {
        var now = Advance();
        var answer = await Answer(
            Managing.Put(State, preset, policy, now), 200, () => View(now), showsAll: true);
        return answer.Value!;
    }

    public Task<Answer<QueueView>> SetMode(QueueMode mode, Repeat? repeat)
    {
        var now = Advance();
        return Answer(Managing.Set(State, mode, now), 200, () => View(now), repeat, showsAll: true);
    }

    private string Sign(Token token) => new QueueToken(Key, token.Ticket, token.UserId, token.Nonce).Sign(keys);
}
