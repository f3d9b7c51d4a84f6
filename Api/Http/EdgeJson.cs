using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansConcert.Domain.Audits;

namespace OrleansConcert.Api.Http;

/// <summary>How the answers are written that no grain gives: lists and what the edge makes itself.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClusterView))]
[JsonSerializable(typeof(AccessTokenShape))]
[JsonSerializable(typeof(UserShape))]
[JsonSerializable(typeof(QueuesShape))]
[JsonSerializable(typeof(ConcertsShape))]
[JsonSerializable(typeof(SchedulesShape))]
[JsonSerializable(typeof(DatesShape))]
[JsonSerializable(typeof(PaymentsShape))]
[JsonSerializable(typeof(ReservationsShape))]
[JsonSerializable(typeof(EntriesShape))]
[JsonSerializable(typeof(TrailShape))]
[JsonSerializable(typeof(HealthShape))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Instant))]
internal sealed partial class EdgeJson : JsonSerializerContext
{
    public static byte[] Write<T>(T answer) =>
        JsonSerializer.SerializeToUtf8Bytes(answer, (JsonTypeInfo<T>)AsGrains.Options.GetTypeInfo(typeof(T)));

    /// <summary>Members are written as the grains' own answers are. A class of its own: made when first used, after the context.</summary>
    private static class AsGrains
    {
        public static readonly JsonSerializerOptions Options = new(AnswerJson.Default.Options)
        {
            TypeInfoResolver = JsonTypeInfoResolver.Combine(AnswerJson.Default, Default),
        };
    }
}

internal sealed record AccessTokenShape(string AccessToken, Instant ExpiresAt);

internal sealed record UserShape(string UserId);

internal sealed record QueuesShape(ImmutableArray<QueueView> Queues);

internal sealed record ConcertsShape(
    ImmutableArray<ConcertView> Concerts,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextCursor);

internal sealed record SchedulesShape(ImmutableArray<ScheduleView> Schedules);

internal sealed record DatesShape(ImmutableArray<DateShape> Dates);

internal sealed record DateShape(string Date, ImmutableArray<ScheduleView> Schedules);

internal sealed record PaymentsShape(
    ImmutableArray<PaymentView> Payments,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextCursor);

internal sealed record ReservationsShape(
    ImmutableArray<ReservationView> Reservations,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextCursor);

internal sealed record EntriesShape(
    ImmutableArray<WalletEntryView> Entries,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextCursor);

internal sealed record TrailShape(ImmutableArray<TrailEntry> Entries);

/// <param name="Health">What it is: <c>live</c> or <c>ready</c>.</param>
internal sealed record HealthShape(string Health);
