using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Api.Resources;

/// <summary>An operator's hand on payments: giving one back.</summary>
internal sealed class AdminPayments(Houses houses, IGrainFactory grains) : IResource
{
    public void Map(Routes routes) =>
        routes.Post("/v1/admin/payments/{paymentId}/refund", Gate.Admin, ReadWhy, Refund);

    private static string ReadWhy(Fields fields) => fields.Only("why").Why();

    private async Task<Reply> Refund(Call call, string why)
    {
        var id = call.Named("paymentId");
        var (house, refused) = await houses.Find(ScopedId.ScheduleOfPayment(id) ?? "");
        if (refused is not null)
        {
            return refused.OfPayment();
        }

        var request = new RefundRequest(id, call.UserId, why);
        var schedule = grains.Schedule(house!.Definition.ScheduleId);
        return Reply.Of(await schedule.Refund(request, call.Repeat), call.Repeat, Refusals.OfPayment);
    }
}
