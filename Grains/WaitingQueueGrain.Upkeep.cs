using OrleansConcert.Domain.Queues;

namespace OrleansConcert.Grains;

/// <summary>What a queue does by itself: end tokens, admit, keep its board.</summary>
public sealed partial class WaitingQueueGrain
{
    private readonly QueueBoard _board = new();

    /// <summary>The interval last seen: another one is a boundary, at which everybody who may is admitted.</summary>
    private Instant _interval;

    protected override bool HasUnfinishedWork => State.Line.Count + State.ActiveCount > 0;

    protected override int StateSize => State.Line.Count + State.ActiveCount;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _board.Start(State);
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

    protected override void OnDurable(QueueEvent happened, long version)
    {
        _board.Apply(happened);
        base.OnDurable(happened, version);
    }

    protected override Instant NextWake(Instant now) =>
        Instant.Min(Endings.NextAt(State), Admitting.NextAt(State, now));

    protected override Task Tick()
    {
        Advance();
        return Flush();
    }

    /// <summary>Folds what the clock has brought about: endings, and who is admitted for them.</summary>
    private Instant Advance()
    {
        var now = Now;
        var endings = Endings.Due(State, now);
        if (!endings.IsEmpty)
        {
            var oldest = now - State.Find(((Ended)endings[0]).Ticket)!.EndsAt;
            Fold(endings);
            Swept(endings.Length, "tokens ended", oldest);
        }

        Admit(now);
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
