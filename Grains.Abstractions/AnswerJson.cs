using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Xml;
using OrleansConcert.Domain.Audits;
using OrleansConcert.Domain.Queues;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>
/// How answers are written, once for the HTTP edge and for the journal that keeps them: a repeat gets the first answer byte for
/// byte, so both must write the same bytes.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters =
    [
        typeof(DurationJsonConverter),
        typeof(UpperCase<TokenStatus>), typeof(UpperCase<EndReason>), typeof(UpperCase<QueueMode>),
        typeof(UpperCase<QueueOpenness>), typeof(UpperCase<Reissue>), typeof(UpperCase<WalletGate>),
        typeof(UpperCase<BrowseGate>), typeof(UpperCase<ReservationStatus>), typeof(UpperCase<EntryKind>),
        typeof(UpperCase<TrailEvent>),
    ],
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(QueueView))]
[JsonSerializable(typeof(QueuePolicy))]
[JsonSerializable(typeof(SalePolicy))]
[JsonSerializable(typeof(ConcertView))]
[JsonSerializable(typeof(ScheduleView))]
[JsonSerializable(typeof(ReservationView))]
[JsonSerializable(typeof(PaymentView))]
[JsonSerializable(typeof(WalletView))]
[JsonSerializable(typeof(ChargeView))]
[JsonSerializable(typeof(WalletEntryView))]
[JsonSerializable(typeof(AuditView))]
[JsonSerializable(typeof(TrailEntry))]
public sealed partial class AnswerJson : JsonSerializerContext
{
    /// <summary>The bytes of an answer.</summary>
    public static byte[] Write<T>(T answer) =>
        JsonSerializer.SerializeToUtf8Bytes(answer, (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!);
}

/// <summary>Enumerations on the wire: <c>NOT_EXPIRED</c>. Numbers are refused.</summary>
public sealed class UpperCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseUpper, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>Durations on the wire: ISO 8601, such as <c>PT5M</c>.</summary>
public sealed class DurationJsonConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return XmlConvert.ToTimeSpan(reader.GetString()!);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or InvalidOperationException)
        {
            throw new JsonException("a duration must be an ISO 8601 string such as PT5M", exception);
        }
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(XmlConvert.ToString(value));
}
