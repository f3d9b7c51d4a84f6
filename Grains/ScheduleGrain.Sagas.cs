using OrleansConcert.Domain.Payments;
using OrleansConcert.Domain.Seats;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>What payments and refunds have in common: each is driven to its end, whatever stops it on the way.</summary>
public sealed partial class ScheduleGrain
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>When the payments and refunds that nobody drives are driven on.</summary>
    private Instant _driveAt = Instant.Never;

    /// <summary>Drives on what a stop or a failure left unsettled.</summary>
    private void DriveOn(Instant now)
    {
        if (now < _driveAt)
        {
            return;
        }

        _driveAt = Instant.Never;
        foreach (var reservation in State.Unsettled())
        {
            if (reservation.Payment is { Settled: false, PaymentId: var paymentId } && !_driven.Contains(paymentId))
            {
                _ = InBackground(Drive(reservation));
            }

            if (reservation.Payment is { Refund.RefundedAt: null })
            {
                _ = InBackground(GiveBack(reservation));
            }
        }
    }

    /// <summary>What is not done is driven on soon.</summary>
    private void DriveOnUnless(bool done)
    {
        if (!done)
        {
            _driveAt = Instant.Min(_driveAt, Now + RetryAfter);
            Arm();
        }
    }

    /// <summary>Makes what a saga came to durable, together with the answer it owes.</summary>
    private async Task Write(Repeat? repeat, int status, PaymentView view)
    {
        try
        {
            await Write(repeat is null ? null : Keep(repeat, status, AnswerJson.Write(view)));
        }
        catch (KeyTakenException exception)
        {
            throw new UnavailableException("The payment goes on; ask for it with the same key.", exception);
        }
    }

    private Receipt ReceiptOf(Reservation reservation) => new(
        reservation.Payment!.PaymentId,
        reservation.Id,
        Key,
        State.Definition!.ConcertId,
        reservation.UserId,
        SeatsOf(reservation),
        reservation.Amount,
        reservation.Payment.BalanceAfter,
        reservation.Payment.PaidAt!.Value,
        State.Definition.Policy.TokenPerPayment);
}
