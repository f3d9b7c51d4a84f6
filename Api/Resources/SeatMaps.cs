using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>
/// Seat maps as they are sent: written once per schedule, version and filter, outside the grain, and shared by all who ask. Maps
/// that nobody looks at make room for others.
/// </summary>
internal sealed class SeatMaps(IGrainFactory grains) : IDisposable
{
    /// <summary>How much all maps together may take.</summary>
    private const long MaxBytes = 256L * 1024 * 1024;

    /// <summary>About what one seat takes in both filters.</summary>
    private const int BytesPerSeat = 220;

    private readonly MemoryCache _maps = new(Options.Create(new MemoryCacheOptions { SizeLimit = MaxBytes }));

    /// <summary>The newest map of a schedule.</summary>
    public async Task<SeatMap> Newest(House house)
    {
        var id = house.Definition.ScheduleId;
        _maps.TryGetValue<SeatMap>(id, out var known);
        if (await grains.Schedule(id).Map(known?.Version ?? -1) is not { } newer)
        {
            return known!;
        }

        var map = new SeatMap(house, newer);
        if (!_maps.TryGetValue<SeatMap>(id, out var present) || present!.Version < map.Version)
        {
            _maps.Set(id, map, new MemoryCacheEntryOptions { Size = (long)house.Plan.SeatCount * BytesPerSeat });
        }
        else if (present.Version == map.Version)
        {
            return present;
        }

        return map;
    }

    public void Dispose() => _maps.Dispose();
}

/// <summary>One version of a schedule's seat map.</summary>
internal sealed class SeatMap
{
    private static readonly JsonEncodedText[] Statuses = [.. Enum.GetValues<SeatStatus>().Select(
        status => JsonEncodedText.Encode(JsonNamingPolicy.SnakeCaseUpper.ConvertName(status.ToString())))];

    private readonly Lazy<ReadOnlyMemory<byte>> _whole;
    private readonly Lazy<ReadOnlyMemory<byte>> _available;
    private readonly string _scheduleId;

    public SeatMap(House house, SeatStatuses statuses)
    {
        Version = statuses.Version;
        _scheduleId = house.Definition.ScheduleId;
        _whole = new(() => Write(house, statuses, onlyAvailable: false));
        _available = new(() => Write(house, statuses, onlyAvailable: true));
    }

    public long Version { get; }

    /// <summary>The map, or nothing where the client holds these very bytes already.</summary>
    public Reply Reply(bool onlyAvailable, string ifNoneMatch)
    {
        var tag = $"\"{_scheduleId}.{Version}{(onlyAvailable ? ".available" : "")}\"";
        return ETags.Match(ifNoneMatch, tag)
            ? new(StatusCodes.Status304NotModified, default) { ETag = tag }
            : new(StatusCodes.Status200OK, (onlyAvailable ? _available : _whole).Value) { ETag = tag };
    }

    private static ReadOnlyMemory<byte> Write(House house, SeatStatuses statuses, bool onlyAvailable)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + (house.Plan.SeatCount * 100));
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("scheduleId"u8, house.Definition.ScheduleId);
        writer.WriteNumber("version"u8, statuses.Version);
        writer.WriteString("asOf"u8, statuses.AsOf.ToString());
        writer.WriteBoolean("complete"u8, true);
        writer.WriteStartArray("seats"u8);
        for (var seat = 0; seat < house.Plan.SeatCount; seat++)
        {
            var status = statuses.Statuses[seat];
            if (!onlyAvailable || status == (byte)SeatStatus.Available)
            {
                WriteSeat(writer, house.Plan, seat, status);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteSeat(Utf8JsonWriter writer, SeatPlan plan, int index, byte status)
    {
        var seat = plan.SeatAt(index);
        writer.WriteStartObject();
        writer.WriteString("seatId"u8, seat.ToString());
        writer.WriteString("section"u8, seat.Section);
        writer.WriteNumber("row"u8, seat.Row);
        writer.WriteNumber("number"u8, seat.Number);
        writer.WriteNumber("price"u8, plan.PriceOf(index));
        writer.WriteString("status"u8, Statuses[status]);
        writer.WriteBoolean("taken"u8, status != (byte)SeatStatus.Available);
        writer.WriteEndObject();
    }
}
