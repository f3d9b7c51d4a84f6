using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains;

/// <summary>
/// The refund saga, whose log is this schedule's journal too: the order is durable before the wallet is asked, the money is back
/// before the seats are free, and that is durable before anybody is told. Every step may be done again by payment id.
/// </summary>
public sealed partial class ScheduleGrain
{
    /// <summary>The refunds being driven now, by payment id: who asks meanwhile waits for the same drive.</summary>
    private readonly Dictionary<string, Task> _refunding = new(StringComparer.Ordinal);

    public async Task<Answer<PaymentView>> Refund(RefundRequest request, Repeat? repeat)
    {
        if (await AnswerTo(repeat) is { } given)
        {
            return given.ToReplayed();
        }

        if (State.FindPayment(request.PaymentId) is { Payment.Refund: null })
        {
            await BeWoken();
        }

        var decision = Refunding.Start(State, request.PaymentId, request.By, request.Why, repeat, Advance());
        if (decision.Refused is not null)
        {
            return await Answer<PaymentView>(decision, 0, null!, repeat);
        }

        Fold(decision.Events);
        var reservation = State.FindPayment(request.PaymentId)!;
        await GiveBack(reservation);

        // The answer to the key that began it was written with the refund; another key gets the same answer.
        var done = Decision<SeatEvent>.Already(reservation.ChangedAt);
        return await Answer(done, 200, () => RefundOf(reservation), decision.Events.IsEmpty ? repeat : null);
    }

    private async Task GiveBack(Reservation reservation)
    {
        var paymentId = reservation.Payment!.PaymentId;
        if (!_refunding.TryGetValue(paymentId, out var drive))
        {
            drive = DriveRefund(reservation, paymentId);
            if (!drive.IsCompleted)
            {
                _refunding.Add(paymentId, drive);
            }
        }

        await drive;
    }

    /// <summary>Drives a refund to its end. What fails on the way is driven on by the timer.</summary>
    private async Task DriveRefund(Reservation reservation, string paymentId)
    {
        if (reservation.Payment!.Refund is not { RefundedAt: null, Repeat: var asked })
        {
            return;
        }

        try
        {
            await Flush();
            var wallet = GrainFactory.GetGrain<IWalletGrain>(reservation.UserId);
            var refundedAt = await wallet.Refund(paymentId, reservation.Amount);
            var repeat = await UnlessTaken(asked);
            Fold(Refunding.Complete(State, paymentId, refundedAt, Now));
            Arm();
            await Write(repeat, 200, RefundOf(reservation));
        }
        finally
        {
            _refunding.Remove(paymentId);
            DriveOnUnless(reservation.Payment is not { Refund.RefundedAt: null });
        }
    }

    private PaymentView RefundOf(Reservation reservation) =>
        PaymentView.Of(ReceiptOf(reservation), reservation.Payment!.Refund!.RefundedAt);
}
