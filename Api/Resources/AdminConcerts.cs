using System.Text.RegularExpressions;
using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Concerts;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>Making concerts and their schedules.</summary>
internal sealed class AdminConcerts(IGrainFactory grains, TimeProvider time) : IResource
{
    public void Map(Routes routes)
    {
        routes.Post("/v1/admin/concerts", Gate.Admin, NewConcert.Read, Make);
        routes.Post("/v1/admin/concerts/{concertId}/schedules", Gate.Admin, ReadSchedule, AddSchedule);
    }

    /// <summary>Listed before it is made: what is in the list and was never made is not shown, what was made is always listed.</summary>
    private async Task<Reply> Make(Call call, NewConcert concert)
    {
        var queue = await grains.Queue(concert.QueueId).Get();
        if (queue.Value is not { } behind)
        {
            return queue.Refused!.ToProblem();
        }

        await grains.Catalog().AddConcert(concert.ConcertId);
        var policy = concert.Over((Preset.Find(behind.Preset) ?? Preset.Standard).Sale);
        var definition = new ConcertDefinition(concert.ConcertId, concert.Title, concert.QueueId, concert.TimeZone, policy);
        return Reply.Of(await grains.Concert(concert.ConcertId).Make(definition, call.Repeat), call.Repeat);
    }

    private async Task<Reply> AddSchedule(Call call, NewSchedule schedule)
    {
        var id = call.Named("concertId");
        return Names.IsId(id)
            ? Reply.Of(await grains.Concert(id).AddSchedule(schedule, call.Repeat), call.Repeat)
            : new ConcertRefused(ConcertRefusal.ConcertNotFound).ToProblem();
    }

    private NewSchedule ReadSchedule(Fields fields)
    {
        fields.Only("scheduleId", "startsAt", "salesOpenAt", "salesCloseAt", "sections");
        var startsAt = fields.Time("startsAt");
        var opens = fields.Time("salesOpenAt") ?? Instant.From(time.GetUtcNow());
        var closes = fields.Time("salesCloseAt") ?? startsAt;
        if (startsAt is null)
        {
            fields.Fault("startsAt", Times.Allowed);
        }
        else if (opens >= closes)
        {
            fields.Fault("salesCloseAt", $"after salesOpenAt ({opens}); it is startsAt where it is left out");
        }

        return new(
            fields.Named("scheduleId", Names.IsId, Names.IdRule), startsAt ?? default, opens, closes, ReadSections(fields));
    }

    private static ImmutableArray<Section> ReadSections(Fields fields)
    {
        ImmutableArray<Section> sections =
        [
            .. (fields.Items("sections") ?? []).Select(item =>
            {
                item.Only("name", "rows", "seatsPerRow", "price");
                return new Section(
                    item.Text("name") ?? "", item.Count("rows") ?? 0, item.Count("seatsPerRow") ?? 0, item.WholeNumber("price") ?? -1);
            }),
        ];
        foreach (var (member, allowed) in SeatPlan.Violations(sections))
        {
            fields.Fault(member, allowed);
        }

        return sections;
    }
}

/// <summary>A concert to be made.</summary>
/// <param name="Over">Lays the policy members that were sent over a policy.</param>
internal sealed partial record NewConcert(
    string ConcertId, string Title, string QueueId, string TimeZone, Func<SalePolicy, SalePolicy> Over)
{
    public static NewConcert Read(Fields fields)
    {
        fields.Only("concertId", "title", "queueId", "timeZone", "policy");
        var policy = fields.Inner("policy")?.Only("holdTtl", "explicitReserve", "maxSeatsPerHold", "maxSeatsPerUser", "tokenPerPayment");
        foreach (var (member, allowed) in Lay(policy, Preset.Standard.Sale).Violations())
        {
            policy!.Fault(member, allowed);
        }

        return new(
            fields.Named("concertId", Names.IsId, Names.IdRule),
            fields.Named("title", IsTitle, $"1 to {ConcertDefinition.MaxTitleLength} characters, none of them a control character"),
            fields.Named("queueId", Names.IsId, Names.IdRule, WireNames.MainQueue),
            fields.Named("timeZone", IsZone, "an IANA time zone such as Asia/Seoul", ConcertDefinition.DefaultTimeZone),
            present => Lay(policy, present));
    }

    private static bool IsTitle(string? text) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= ConcertDefinition.MaxTitleLength && !text.Any(char.IsControl);

    private static bool IsZone(string? text) =>
        text is not null && ZoneName().IsMatch(text) && TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone) && zone.HasIanaId;

    private static SalePolicy Lay(Fields? fields, SalePolicy present) => fields is null ? present : present with
    {
        HoldTtl = fields.Duration("holdTtl", present.HoldTtl),
        ExplicitReserve = fields.Flag("explicitReserve", present.ExplicitReserve),
        MaxSeatsPerHold = fields.CountOrNull("maxSeatsPerHold", present.MaxSeatsPerHold) ?? 0,
        MaxSeatsPerUser = fields.CountOrNull("maxSeatsPerUser", present.MaxSeatsPerUser),
        TokenPerPayment = fields.Flag("tokenPerPayment", present.TokenPerPayment),
    };

    [GeneratedRegex(@"\A[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}\z")]
    private static partial Regex ZoneName();
}
