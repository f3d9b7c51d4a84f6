using OrleansConcert.Api.Access;
using OrleansConcert.Api.Problems;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Api.Resources;

/// <summary>The caller's own wallet: balance, charges, entries.</summary>
internal sealed class Wallets(IGrainFactory grains) : IResource
{
    private const string Path = "/v1/users/me/wallet";

    public void Map(Routes routes)
    {
        routes.Get(Path, Gate.Wallet, Get);
        routes.Post(Path + "/charges", Gate.Wallet, ReadAmount, Charge);
        routes.Get(Path + "/entries", Gate.Wallet, query => (query.Limit(), query.Position()), List);
    }

    private static long ReadAmount(Fields fields)
    {
        var amount = fields.Only("amount").WholeNumber("amount");
        if (amount is null)
        {
            fields.Fault("amount", $"1 to {Accounting.MaxCharge}");
        }
        else if (amount is < 1 or > Accounting.MaxCharge)
        {
            fields.Fault(Refusals.OfAmount());
        }

        return amount ?? 0;
    }

    private async Task<Reply> Get(Call call) => Reply.Of(await grains.Wallet(call.UserId).Get());

    private async Task<Reply> Charge(Call call, long amount) =>
        Reply.Of(await grains.Wallet(call.UserId).Charge(amount, call.Repeat), call.Repeat);

    private async Task<Reply> List(Call call, (int Limit, long Before) page)
    {
        var entries = await grains.Wallet(call.UserId).Entries(page.Before, page.Limit);
        return Reply.OfEdge(new EntriesShape(entries.Items, Cursor.Write(entries.Next)));
    }
}
