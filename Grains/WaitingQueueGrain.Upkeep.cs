using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Grains;

/// <summary>What a queue does by itself: end tokens, admit, keep its board.</summary>
public sealed partial class WaitingQueueGrain
{
    /// <summary>The interval last seen: another one is a boundary, at which everybody who may is admitted.</summary>
    private Instant _interval;

    /// <summary>When to look after the hosts, where somebody would have to end as idle whom one may have answered; else null.</summary>
    private Instant? _looksAt;

    protected override bool HasUnfinishedWork => State.Line.Count + State.ActiveCount > 0;

    protected override int StateSize => State.Line.Count + State.ActiveCount;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        StartBoard();
        State.TouchAll(Now);
        if (State.Policy is not null)
        {
            _interval = Admitting.IntervalOf(State, Now);
            Arm();
        }
        else if (Key == WireNames.MainQueue)
        {
            await Put(Preset.Standard.Name, Preset.Standard.Queue);
        }
    }

    protected override Instant NextWake(Instant now) =>
        Instant.Min(_looksAt ?? Endings.NextAt(State), Admitting.NextAt(State, now));

    protected override Task Tick()
    {
        if (_looksAt <= Now)
        {
            _handOvers.Look(Now);
            _looksAt = null;
        }

        Advance();
        return Flush();
    }

    /// <summary>Folds what the clock has brought about: endings, and who is admitted for them.</summary>
    private Instant Advance()
    {
        var (now, before) = (Now, Version);
        var endings = State.Policy is null ? [] : Endings.Due(State, now, _handOvers.Horizon(now, State.Policy));
        _looksAt = endings.IsEmpty && Endings.NextAt(State) <= now ? _looksAt ?? now + HandOvers.LookEvery : null;
        if (!endings.IsEmpty)
        {
            var oldest = now - State.Find(((Ended)endings[0]).Ticket)!.EndsAt;
            Fold(endings);
            Swept(endings.Length, "tokens ended", oldest);
        }

        Admit(now);
        _advanced = Version > before ? Version : _advanced;
        Arm();
        return now;
    }

    protected override void React()
    {
        Admit(Now);
        Arm();
    }

    private void Admit(Instant now)
    {
        if (State.Policy is not null)
        {
            var interval = Admitting.IntervalOf(State, now);
            Fold(Admitting.Due(State, now, atBoundary: interval > _interval));
            _interval = interval;
        }
    }
}
