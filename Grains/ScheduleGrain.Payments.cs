using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Grains;

/// <summary>
/// The payment saga, whose log is this schedule's journal: PAYING is durable before the wallet is asked, the debit before the seats
/// are sold, the sale before anybody is told; then token and wallet learn of it. Every step may be done again by payment id.
/// </summary>
public sealed partial class ScheduleGrain
{
    /// <summary>The payments somebody is driving now, by id.</summary>
    private readonly HashSet<string> _driven = new(StringComparer.Ordinal);

    /// <summary>Drives a payment to its end. What fails on the way is driven on by the timer.</summary>
    private async Task<Answer<PaymentView>> Drive(Reservation reservation)
    {
        var payment = reservation.Payment!;
        var paymentId = payment.PaymentId;
        _driven.Add(paymentId);
        try
        {
            await Flush();
            if (reservation.Status == ReservationStatus.Paying)
            {
                var debit = await Debit(reservation.UserId, payment, reservation.Amount);
                if (debit.Value is not { BalanceAfter: var balanceAfter })
                {
                    return await Abort(reservation, paymentId, (WalletRefused)debit.Refused!);
                }

                await Sell(reservation, paymentId, balanceAfter);
            }

            await InBackground(Settle(reservation, paymentId));
            return new() { Value = PaymentView.Of(ReceiptOf(reservation)), Status = 201 };
        }
        finally
        {
            _driven.Remove(paymentId);
            DriveOnUnless(reservation.Payment is not { Settled: false });
        }
    }

    /// <summary>
    /// Takes the money. Where the wallet has too little or does not answer, it is asked to make sure that it took nothing and never
    /// will: a silo that was frozen and followed may ask it again, when there is more. Where it took it already, the sale goes on.
    /// </summary>
    private async Task<Answer<DebitView>> Debit(string userId, PaymentInFlight payment, long amount)
    {
        var wallet = GrainFactory.GetGrain<IWalletGrain>(userId);
        var refused = new WalletRefused(WalletRefusal.PaymentVoided);
        try
        {
            var debit = await wallet.Debit(payment.PaymentId, amount, payment.StartedAt);
            if (debit.Refused is not WalletRefused { Reason: WalletRefusal.InsufficientBalance } poor)
            {
                return debit;
            }

            refused = poor;
        }
        catch (Exception exception) when (exception is UnavailableException or TimeoutException or OrleansException)
        {
            // Nobody knows what it did.
        }

        return await wallet.Void(payment.PaymentId, payment.StartedAt)
            ? refused
            : await wallet.Debit(payment.PaymentId, amount, payment.StartedAt);
    }

    private async Task<Answer<PaymentView>> Abort(Reservation reservation, string paymentId, WalletRefused refused)
    {
        var unavailable = refused.Reason == WalletRefusal.PaymentVoided;
        var why = unavailable ? AbortReason.WalletUnavailable : AbortReason.InsufficientBalance;
        Fold(Paying.Abort(State, reservation.Id, paymentId, why, Now, refused.With.Balance));
        Arm();
        await Flush();
        return unavailable
            ? throw new UnavailableException("The wallet can't answer now. Nothing was taken; the seats are still held.")
            : refused;
    }

    /// <summary>The seats are sold, and the answer is kept with the sale, whoever drives it.</summary>
    private async Task Sell(Reservation reservation, string paymentId, long balanceAfter)
    {
        var repeat = await UnlessTaken(reservation.Payment!.Repeat);
        Fold(Paying.Complete(State, reservation.Id, paymentId, balanceAfter, Now));
        Arm();
        await Write(repeat, 201, PaymentView.Of(ReceiptOf(reservation)));
    }

    /// <summary>Token and wallet learn of the sale.</summary>
    private async Task Settle(Reservation reservation, string paymentId)
    {
        var definition = State.Definition!;
        await Task.WhenAll(
            GrainFactory.GetGrain<IWalletGrain>(reservation.UserId).Settle(ReceiptOf(reservation)),
            definition.Policy.TokenPerPayment
                ? TokenOf(reservation.Ticket).Complete(reservation.UserId, paymentId)
                : Task.CompletedTask);
        _ = TellWhereHoldless(reservation.UserId, reservation.Ticket, Now);
        Fold(Paying.Settle(State, reservation.Id, paymentId, Now));
        _ = InBackground(Flush());
    }
}
