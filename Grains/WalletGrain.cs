using OrleansConcert.Domain.Payments;
using OrleansConcert.Domain.Wallets;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>One user's money. Histories are its journal read backwards.</summary>
public sealed class WalletGrain(JournaledGrainServices services)
    : JournaledGrain<WalletState, WalletEvent>(services, JournalFormats.Wallet), IWalletGrain
{
    public async Task<WalletView> Get()
    {
        var view = new WalletView(Key, State.Balance);
        await WhenDurable(Version);
        return view;
    }

    public Task<Answer<ChargeView>> Charge(long amount, Repeat? repeat)
    {
        var entryId = NextEntryId();
        return Answer(
            Accounting.Charge(State, amount, entryId, Now), 201, () => new ChargeView(Key, State.Balance, entryId), repeat);
    }

    public async Task<Answer<DebitView>> Debit(string paymentId, long amount, Instant startedAt)
    {
        var decision = Accounting.Debit(State, paymentId, amount, startedAt, NextEntryId(), Now);
        var shown = Version;
        var answer = await Answer(decision, 200, () => new DebitView(State.Find(paymentId)!.BalanceAfter));
        await WhenDurable(shown);
        return answer;
    }

    public async Task<bool> Void(string paymentId, Instant startedAt)
    {
        Fold(Accounting.Void(State, paymentId, startedAt, Now));
        var voided = State.Find(paymentId)?.Status is null or DebitStatus.Voided;
        await Flush();
        await WhenDurable(Version);
        return voided;
    }

    public async Task<Instant> Refund(string paymentId, long amount)
    {
        Fold(Accounting.Refund(State, paymentId, amount, NextEntryId(), Now));
        var refundedAt = State.RefundedAt(paymentId)
            ?? throw new InvalidOperationException($"Payment {paymentId} took nothing, so there is nothing to give back.");
        await Flush();
        await WhenDurable(Version);
        return refundedAt;
    }

    public async Task Settle(Receipt receipt)
    {
        Fold(Accounting.Settle(State, receipt, Now));
        await Flush();
        await WhenDurable(Version);
    }

    public Task<Page<WalletEntryView>> Entries(long before, int limit) =>
        History.Read(Journal, Stream, before, limit, static entry => Parse(entry) switch
        {
            Charged charged => new WalletEntryView(
                charged.EntryId, EntryKind.Charge, charged.Amount, charged.Balance, charged.At, null),
            Debited debited => new WalletEntryView(
                debited.EntryId, EntryKind.Payment, -debited.Amount, debited.Balance, debited.At, debited.PaymentId),
            Refunded refunded => new WalletEntryView(
                refunded.EntryId, EntryKind.Refund, refunded.Amount, refunded.Balance, refunded.At, refunded.PaymentId),
            _ => null,
        });

    public async Task<Page<PaymentView>> Payments(long before, int limit)
    {
        var page = await History.Read(Journal, Stream, before, limit, entry => Parse(entry) is Receipted { Receipt: var receipt }
            ? PaymentView.Of(receipt, State.RefundedAt(receipt.PaymentId))
            : null);
        await WhenDurable(Version);
        return page;
    }

    public Task<Page<ReservationId>> ReservationIds(long before, int limit) =>
        History.Read(Journal, WireNames.ReservationStreams + Key, before, limit, static entry =>
            new ReservationId(System.Text.Encoding.UTF8.GetString(entry.Text.Span).Trim('"'), entry.Version));

    private static WalletEvent Parse(JournalEntry entry) => JournalFormats.Wallet.Read(entry.Text);

    private string NextEntryId() => "ent." + Ids.NextSecret();
}
