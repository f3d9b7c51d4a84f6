using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>
/// An admitted token: it knows in which schedules it has holds, so that they are given back when it ends, and that it may end by
/// itself when the last of them does. Lost memory costs little: the schedules tell of their holds again, a hold nobody gives back
/// lapses, and a token that may have other holds stays until the queue's pins run out.
/// </summary>
public sealed class TokenGrain(IJournal journal) : Grain, ITokenGrain
{
    private readonly SortedDictionary<string, long> _serials = new(StringComparer.Ordinal);
    private IWaitingQueueGrain _queue = null!;
    private long _ticket;
    private long _lastSerial;

    /// <summary>Whether there may be schedules with holds of this token that this activation does not know.</summary>
    private bool _forgot;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        (var queueId, _ticket) = WireNames.ParseToken(this.GetPrimaryKeyString());
        _queue = GrainFactory.GetGrain<IWaitingQueueGrain>(queueId);
        return Task.CompletedTask;
    }

    public async Task<Answer<Permit>> Permit(string scheduleId, TimeSpan holdTtl)
    {
        var answer = await _queue.Permit(_ticket, holdTtl);
        if (answer.Value is not { } permit)
        {
            LeaveIfHoldless();
            return answer;
        }

        _forgot |= _serials.Count == 0 && !permit.IsFirst;

        // By the instant, so that the serials rise over a restart too.
        return answer with { Value = permit with { Serial = Remember(scheduleId, permit.Until.Milliseconds) } };
    }

    public async Task<long?> Held(string scheduleId, string userId, Instant until)
    {
        // After a start every schedule tells of its holds. Where one silo of several was lost only those do that were on it.
        _forgot |= _serials.Count == 0 && journal.IsShared;
        var serial = Remember(scheduleId, 0);
        if (await _queue.Held(_ticket, until) is not { } end)
        {
            return serial;
        }

        GiveBack(userId, end == EndReason.Paid ? ReleaseReason.TokenUsed : ReleaseReason.LeftQueue);
        return null;
    }

    public async Task HoldsEnded(string scheduleId, long serial)
    {
        if (_serials.TryGetValue(scheduleId, out var last) && last <= serial)
        {
            _serials.Remove(scheduleId);
            if (_serials.Count == 0 && !_forgot)
            {
                await _queue.Unpin(_ticket);
            }
        }

        LeaveIfHoldless();
    }

    public Task<Answer<TokenView>> Leave(string userId) => GiveBackWith(_queue.Leave(_ticket), userId);

    public Task<Answer<TokenView>> Rejoin(string userId, Repeat? repeat) =>
        GiveBackWith(_queue.Rejoin(userId, _ticket, repeat), userId);

    public Task<Answer<TokenView>> End(string userId, string why, Repeat? repeat) =>
        GiveBackWith(_queue.End(_ticket, why, repeat), userId);

    public async Task Complete(string userId, string paymentId)
    {
        await _queue.Complete(_ticket, paymentId);
        GiveBack(userId, ReleaseReason.TokenUsed);
    }

    /// <summary>Gives the holds back where the token has ended, by this call or before it: an earlier attempt may have failed to.</summary>
    private async Task<Answer<TokenView>> GiveBackWith(Task<Answer<TokenView>> end, string userId)
    {
        var answer = await end;
        if (await _queue.EndOf(_ticket) is not null)
        {
            GiveBack(userId, ReleaseReason.LeftQueue);
        }

        LeaveIfHoldless();
        return answer;
    }

    /// <summary>
    /// Asks every schedule at once, and waits for none: one that is about to end finishes its calls first, and such a call may be
    /// waiting for this grain. Whoever calls a schedule after this answer comes behind the giving back.
    /// </summary>
    private void GiveBack(string userId, ReleaseReason why)
    {
        foreach (var scheduleId in _serials.Keys.ToArray())
        {
            _ = GiveBack(scheduleId, userId, why);
        }

        LeaveIfHoldless();
    }

    private async Task GiveBack(string scheduleId, string userId, ReleaseReason why)
    {
        try
        {
            await GrainFactory.GetGrain<IScheduleGrain>(scheduleId).ReleaseAll(userId, _ticket, why);
        }
        catch (Exception exception) when (exception is UnavailableException or TimeoutException or OrleansException)
        {
            // Remembered for the owner's next try; else the schedule asks when it is loaded again, or the hold lapses.
            return;
        }

        _serials.Remove(scheduleId);
        LeaveIfHoldless();
    }

    /// <summary>What is left of a token without holds, its queue knows.</summary>
    private void LeaveIfHoldless()
    {
        if (_serials.Count == 0)
        {
            DeactivateOnIdle();
        }
    }

    private long Remember(string scheduleId, long atLeast)
    {
        // What it knows is worth its memory as long as there may be holds, and none lasts longer than a day.
        DelayDeactivation(TimeSpan.FromDays(1));
        return _serials[scheduleId] = _lastSerial = Math.Max(_lastSerial + 1, atLeast);
    }
}
