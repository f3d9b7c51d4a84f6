using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Concerts;

/// <summary>A concert and its schedules. It changes by <see cref="Apply"/> only.</summary>
public sealed class ConcertState
{
    private readonly List<ScheduleDefinition> _schedules = [];
    private readonly List<AnnouncedSchedule> _announced = [];

    /// <summary>Null while there is no such concert.</summary>
    public ConcertDefinition? Definition { get; private set; }

    /// <summary>The schedules that are open, by start.</summary>
    public IEnumerable<ScheduleDefinition> Schedules => _schedules
        .OrderBy(schedule => schedule.StartsAt).ThenBy(schedule => schedule.ScheduleId, StringComparer.Ordinal);

    public int ScheduleCount => _schedules.Count;

    /// <summary>The schedules announced but neither listed nor withdrawn yet.</summary>
    public IReadOnlyList<AnnouncedSchedule> Announced => _announced;

    public ScheduleDefinition? Find(string scheduleId) => _schedules.Find(schedule => schedule.ScheduleId == scheduleId);

    /// <summary>Folds one event.</summary>
    public void Apply(ConcertEvent happened)
    {
        switch (happened)
        {
            case ConcertMade made:
                Definition = made.Definition;
                break;
            case ScheduleAnnounced announced:
                _announced.Add(new(announced.Definition, announced.Repeat));
                break;
            case ScheduleListed listed:
                _schedules.Add(Take(listed.ScheduleId).Definition);
                break;
            case ScheduleWithdrawn withdrawn:
                Take(withdrawn.ScheduleId);
                break;
            default:
                throw new InvalidOperationException($"A concert does not know the event {happened.GetType().Name}.");
        }
    }

    private AnnouncedSchedule Take(string scheduleId)
    {
        var announced = _announced.Find(entry => entry.Definition.ScheduleId == scheduleId)!;
        _announced.Remove(announced);
        return announced;
    }

    /// <summary>The state as a value; the same state always gives the same value.</summary>
    public ConcertSnapshot ToSnapshot() => new(Definition, [.. _schedules], [.. _announced]);

    public static ConcertState From(ConcertSnapshot snapshot)
    {
        var state = new ConcertState { Definition = snapshot.Definition };
        state._schedules.AddRange(snapshot.Schedules);
        state._announced.AddRange(snapshot.Announced);
        return state;
    }
}

/// <summary>A schedule on its way, and whose key asked for it.</summary>
public sealed record AnnouncedSchedule(ScheduleDefinition Definition, Repeat? Repeat);

/// <summary>A concert's state as a value, for snapshots and for comparing a replay with memory.</summary>
public sealed record ConcertSnapshot(
    ConcertDefinition? Definition,
    ImmutableArray<ScheduleDefinition> Schedules,
    ImmutableArray<AnnouncedSchedule> Announced);
