using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Grains;

/// <summary>What a queue does by itself: end tokens, admit, keep its board.</summary>
public sealed partial class WaitingQueueGrain
{
    /// <summary>The interval last seen: another one is a boundary, at which everybody who may is admitted.</summary>
    private Instant _interval;

    /// <summary>Whether more are to be admitted at once: of very many, the next turn takes the next.</summary>
    private bool _admitsOn;

    /// <summary>When to look after the hosts, where somebody would have to end as idle whom one may have answered; else null.</summary>
    private Instant? _looksAt;

    protected override bool HasUnfinishedWork => State.Line.Count + State.ActiveCount > 0;

    /// <summary>A token in a snapshot is read in less than half the time of an event.</summary>
    protected override int StateSize => State.KnownCount / 2;

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
        _admitsOn ? now : Instant.Min(
            Instant.Min(_looksAt ?? Endings.NextIdleAt(State), Endings.NextTimeOverAt(State)), Admitting.NextAt(State, now));

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
    /// <param name="asked">The token that is about to be decided on.</param>
    private Instant Advance(Token? asked = null)
    {
        var (now, before) = (Now, Version);
        var horizon = State.Policy is null ? now : _handOvers.Horizon(now, State.Policy);
        var endings = Endings.Due(State, now, horizon, asked);
        if (!endings.IsEmpty)
        {
            var oldest = now - State.Find(((Ended)endings[0]).Ticket)!.EndsAt;
            Fold(endings);
            Swept(endings.Length, "tokens ended", oldest);
        }

        Endings.Folded(State, now, horizon);
        var idle = Endings.NextIdleAt(State);
        _looksAt = idle > horizon && idle <= now ? _looksAt ?? now + HandOvers.LookEvery : null;
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
            var atBoundary = interval > _interval;
            Fold(Admitting.Due(State, now, atBoundary));
            _admitsOn = Admitting.Room(State, now, atBoundary) > 0;
            _interval = _admitsOn ? _interval : interval;
        }
    }
}
