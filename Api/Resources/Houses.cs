using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>What schedules are. They never change, so each is asked for once and kept; at most <see cref="MaxKept"/> of them.</summary>
internal sealed class Houses(IGrainFactory grains) : IDisposable
{
    private const int MaxKept = 10_000;

    private readonly MemoryCache _kept = new(Options.Create(new MemoryCacheOptions { SizeLimit = MaxKept }));

    /// <summary>The schedule and its seats, or a refusal where there is none of that id.</summary>
    public async ValueTask<(House? House, Refused? Refused)> Find(string scheduleId)
    {
        if (_kept.TryGetValue<House>(scheduleId, out var kept))
        {
            return (kept, null);
        }

        if (!Names.IsId(scheduleId))
        {
            return (null, new SeatRefused(SeatRefusal.ScheduleNotFound));
        }

        var answer = await grains.Schedule(scheduleId).Define();
        if (answer.Value is not { } definition)
        {
            return (null, answer.Refused);
        }

        var house = new House(definition);
        _kept.Set(scheduleId, house, new MemoryCacheEntryOptions { Size = 1 });
        return (house, null);
    }

    public void Dispose() => _kept.Dispose();
}

/// <summary>A schedule, and its seats by number.</summary>
internal sealed class House(ScheduleDefinition definition)
{
    public ScheduleDefinition Definition { get; } = definition;

    public SeatPlan Plan { get; } = new(definition.Sections);
}
