using OrleansConcert.Domain.Concerts;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>
/// One concert. A schedule is announced (durable), opened in its own grain, then listed; what a stop leaves between is driven on.
/// </summary>
public sealed class ConcertGrain(JournaledGrainServices services)
    : WakingGrain<ConcertState, ConcertEvent>(services, JournalFormats.Concert), IConcertGrain
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>What the schedules last told of their seats; lost with the memory, and asked for again.</summary>
    private readonly Dictionary<string, SeatsLeft> _left = new(StringComparer.Ordinal);
    private readonly HashSet<string> _driven = new(StringComparer.Ordinal);
    private Instant _driveAt = Instant.Never;

    protected override bool HasUnfinishedWork => State.Announced.Count > 0;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _driveAt = State.Announced.Count > 0 ? Now : Instant.Never;
        Arm();
    }

    public async Task<Answer<ConcertView>> Make(ConcertDefinition definition, Repeat? repeat) =>
        await Answer(Programming.Make(State, definition, Now), 201, View, repeat);

    public async Task<Answer<ScheduleView>> AddSchedule(NewSchedule schedule, Repeat? repeat)
    {
        await (State.Definition is null ? Task.CompletedTask : BeWoken());
        var now = Now;
        var definition = State.Definition is { } concert ? Define(concert, schedule, now) : null;
        var decision = Programming.Announce(State, definition, repeat, Version, now);
        if (decision.Refused is not null)
        {
            return await Answer<ScheduleView>(decision, 0, null!);
        }

        Fold(decision.Events);
        return await Drive(State.Announced[^1]);
    }

    public async Task<Answer<ConcertView>> Get()
    {
        await LearnWhatIsLeft();
        return await Answer(Programming.Exists(State), 200, View, showsAll: true);
    }

    public async Task<Answer<ScheduleList>> Schedules()
    {
        await LearnWhatIsLeft();
        return await Answer(Programming.Exists(State), 200, ListOf, showsAll: true);
    }

    public Task Report(string scheduleId, long version, int available, bool soldOut)
    {
        if (!_left.TryGetValue(scheduleId, out var known) || known.Version < version)
        {
            _left[scheduleId] = new(version, available, soldOut);
        }

        return Task.CompletedTask;
    }

    protected override Instant NextWake(Instant now) => _driveAt;

    protected override async Task Tick()
    {
        _driveAt = Instant.Never;
        foreach (var announced in State.Announced.Where(one => !_driven.Contains(one.Definition.ScheduleId)).ToArray())
        {
            await InBackground(Drive(announced));
        }
    }

    private async Task<Answer<ScheduleView>> Drive(AnnouncedSchedule announced)
    {
        var id = announced.Definition.ScheduleId;
        _driven.Add(id);
        try
        {
            await Flush();
            var repeat = await UnlessTaken(announced.Repeat);
            var opened = await GrainFactory.GetGrain<IScheduleGrain>(id).Open(announced.Definition);
            if (opened.Refused is not null)
            {
                Fold([new ScheduleWithdrawn(Now, id)]);
                await Flush();
                return new ConcertRefused(ConcertRefusal.AlreadyExists);
            }

            var listed = Decision<ConcertEvent>.Yes(new ScheduleListed(Now, id));
            return await Answer(listed, 201, () => View(announced.Definition), repeat);
        }
        finally
        {
            _driven.Remove(id);
            if (State.Announced.Contains(announced))
            {
                _driveAt = Instant.Min(_driveAt, Now + RetryAfter);
                Arm();
            }
        }
    }

    /// <summary>After a start every schedule is asked once; from then on they tell by themselves.</summary>
    private async Task LearnWhatIsLeft()
    {
        var unknown = State.Schedules.Where(schedule => !_left.ContainsKey(schedule.ScheduleId)).ToArray();
        var views = await Task.WhenAll(unknown.Select(schedule =>
            GrainFactory.GetGrain<IScheduleGrain>(schedule.ScheduleId).Get()));
        foreach (var view in views.Select(answer => answer.Value!))
        {
            _left.TryAdd(view.ScheduleId, new(0, view.SeatsAvailable, view.SoldOut));
        }
    }

    private static ScheduleDefinition Define(ConcertDefinition concert, NewSchedule schedule, Instant now) => new(
        schedule.ScheduleId,
        concert.ConcertId,
        concert.QueueId,
        Programming.DayOf(schedule.StartsAt, concert.TimeZone),
        schedule.StartsAt,
        schedule.SalesOpenAt ?? now,
        schedule.SalesCloseAt ?? schedule.StartsAt,
        schedule.Sections,
        concert.Policy);

    private ConcertView View() => new(
        State.Definition!.ConcertId,
        State.Definition.Title,
        State.Definition.QueueId,
        State.Definition.TimeZone,
        State.ScheduleCount > 0 && State.Schedules.All(schedule => _left.GetValueOrDefault(schedule.ScheduleId).SoldOut),
        State.ScheduleCount,
        State.Definition.Policy);

    private ScheduleList ListOf() => new(State.Definition!.QueueId, [.. State.Schedules.Select(View)]);

    private ScheduleView View(ScheduleDefinition definition) =>
        _left.TryGetValue(definition.ScheduleId, out var left)
            ? ScheduleView.Of(definition, left.Available, left.SoldOut)
            : ScheduleView.Of(definition, new SeatPlan(definition.Sections).SeatCount, soldOut: false);

    private readonly record struct SeatsLeft(long Version, int Available, bool SoldOut);
}
