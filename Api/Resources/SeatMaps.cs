using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace OrleansConcert.Api.Resources;

/// <summary>The seat maps that are looked at here, one a schedule. Those that nobody looks at make room for others.</summary>
internal sealed class SeatMaps(IGrainFactory grains) : IDisposable
{
    /// <summary>How much all maps together may take.</summary>
    private const long MaxBytes = 256L * 1024 * 1024;

    /// <summary>
    /// What one seat takes at the most: three times over in what is sent (whole, free, changed), with the longest names and both ways
    /// of compressing, and what the map knows of it.
    /// </summary>
    private const int BytesPerSeat = 600;

    private readonly Lock _gate = new();
    private readonly MemoryCache _maps = new(Options.Create(new MemoryCacheOptions { SizeLimit = MaxBytes }));

    /// <summary>The map of a schedule, not older than the call.</summary>
    public async Task<SeatMap> Newest(House house)
    {
        var map = Of(house);
        await map.Pull();
        return map;
    }

    public void Dispose() => _maps.Dispose();

    /// <summary>One for all who look at the same time: what one pulls is there for the others.</summary>
    private SeatMap Of(House house)
    {
        var id = house.Definition.ScheduleId;
        lock (_gate)
        {
            if (!_maps.TryGetValue<SeatMap>(id, out var map))
            {
                map = new(house, grains.Schedule(id));
                _maps.Set(id, map, new MemoryCacheEntryOptions { Size = (long)house.Plan.SeatCount * BytesPerSeat });
            }

            return map!;
        }
    }
}
