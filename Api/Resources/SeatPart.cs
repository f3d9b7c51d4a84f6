using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using OrleansConcert.Api.Streams;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>A part of one version of a seat map, as it is sent: written when it is first asked for.</summary>
internal sealed class SeatPart
{
    private const int BytesPerSeat = 120;

    /// <summary>Fewer seats fit into a packet or two as they are.</summary>
    private const int WorthCompressing = 20;

    private static readonly JsonEncodedText[] Statuses = [.. Enum.GetValues<SeatStatus>().Select(
        status => JsonEncodedText.Encode(JsonNamingPolicy.SnakeCaseUpper.ConvertName(status.ToString())))];

    private readonly string _name;
    private readonly bool _isSmall;
    private readonly ConcurrentDictionary<string, Lazy<ReadOnlyMemory<byte>>> _compressed = new(StringComparer.Ordinal);
    private readonly Lazy<ReadOnlyMemory<byte>> _event;

    /// <param name="which">What tells it from other parts of the same version.</param>
    /// <param name="complete">Whether a seat that it does not name is one that was not asked for.</param>
    public SeatPart(
        House house, long version, Instant asOf, string which, bool complete, (int Seat, SeatStatus Status)[] seats)
    {
        Version = version;
        _name = $"{house.Definition.ScheduleId}.{version}{which}";
        _isSmall = seats.Length < WorthCompressing;
        _event = new(() => ServerEvents.Write("seats", version, Write(house, version, asOf, complete, seats).Span));
    }

    public long Version { get; }

    /// <summary>It as an event of a stream.</summary>
    public ReadOnlyMemory<byte> Event => _event.Value;

    /// <summary>It, or nothing where the client holds these very bytes already.</summary>
    public Reply Reply(string ifNoneMatch, string acceptEncoding)
    {
        var encoding = _isSmall ? Encodings.Identity : Encodings.Best(acceptEncoding);
        var tag = encoding == Encodings.Identity ? $"\"{_name}\"" : $"\"{_name}.{encoding}\"";
        return ETags.Match(ifNoneMatch, tag)
            ? new(StatusCodes.Status304NotModified, default) { ETag = tag, Encoding = encoding }
            : new(StatusCodes.Status200OK, In(encoding)) { ETag = tag, Encoding = encoding };
    }

    /// <summary>It is kept once, within its event.</summary>
    private ReadOnlyMemory<byte> Json => ServerEvents.DataOf(Event);

    /// <summary>Compressed once, by whoever asks first.</summary>
    private ReadOnlyMemory<byte> In(string encoding) => encoding == Encodings.Identity
        ? Json
        : _compressed.GetOrAdd(encoding, one => new(() => Encodings.Compress(one, Json))).Value;

    private static ReadOnlyMemory<byte> Write(
        House house, long version, Instant asOf, bool complete, (int Seat, SeatStatus Status)[] seats)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + (seats.Length * BytesPerSeat));
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("scheduleId"u8, house.Definition.ScheduleId);
        writer.WriteNumber("version"u8, version);
        writer.WriteString("asOf"u8, asOf.ToString());
        writer.WriteBoolean("complete"u8, complete);
        writer.WriteStartArray("seats"u8);
        foreach (var (seat, status) in seats)
        {
            WriteSeat(writer, house.Plan, seat, status);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteSeat(Utf8JsonWriter writer, SeatPlan plan, int index, SeatStatus status)
    {
        var seat = plan.SeatAt(index);
        writer.WriteStartObject();
        writer.WriteString("seatId"u8, seat.ToString());
        writer.WriteString("section"u8, seat.Section);
        writer.WriteNumber("row"u8, seat.Row);
        writer.WriteNumber("number"u8, seat.Number);
        writer.WriteNumber("price"u8, plan.PriceOf(index));
        writer.WriteString("status"u8, Statuses[(int)status]);
        writer.WriteBoolean("taken"u8, status != SeatStatus.Available);
        writer.WriteEndObject();
    }
}
