using OrleansConcert.Domain.Seats;
using OrleansConcert.Domain.Wallets;

namespace OrleansConcert.Domain.Audits;

/// <summary>
/// The auditor's book of payments: what schedule, wallet and queue say of each, held against the one order in which it can happen. What
/// is over is forgotten; what a seat is sold for is kept as long as it is sold. So the book is as large as the state, not the history.
/// </summary>
/// <remarks>The journal's order is that of becoming durable, and no step of a payment is taken before the last one is durable.</remarks>
internal sealed class PaymentLedger(Action<string> find)
{
    /// <summary>How long a key stands for the payment that it made.</summary>
    private static readonly TimeSpan KeyLife = TimeSpan.FromHours(24);

    private readonly Dictionary<string, Payment> _payments = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Caller, string Key), string> _paidByKey = [];
    private readonly Queue<(Instant At, (string Caller, string Key) Key)> _keys = new();

    public void Started(PaymentStarted started, string userId, long amount)
    {
        var payment = new Payment(started.ReservationId, userId, amount, started.Repeat);
        if (!_payments.TryAdd(started.PaymentId, payment))
        {
            find($"payment {started.PaymentId} was started twice");
        }
    }

    public void Debited(string userId, Debited debited)
    {
        if (_payments.GetValueOrDefault(debited.PaymentId) is not { } payment)
        {
            find($"payment {debited.PaymentId} took {debited.Amount} of {userId}, but no such payment was in flight");
            return;
        }

        if (payment.IsDebited)
        {
            find($"payment {debited.PaymentId} was debited twice from {userId}");
        }

        if (payment.UserId != userId || payment.Amount != debited.Amount)
        {
            find($"payment {debited.PaymentId} of {payment.UserId} over {payment.Amount} took {debited.Amount} of {userId}");
        }

        payment.IsDebited = true;
    }

    public void Voided(string userId, DebitVoided voided)
    {
        if (_payments.GetValueOrDefault(voided.PaymentId) is { IsDebited: true })
        {
            find($"payment {voided.PaymentId} was given up after its debit from {userId}");
        }
    }

    public void Aborted(PaymentAborted aborted)
    {
        if (_payments.Remove(aborted.PaymentId, out var payment) && payment.IsDebited)
        {
            find($"payment {aborted.PaymentId} took {payment.Amount} of {payment.UserId} and was given up: no seats were sold for it");
        }
    }

    public void Sold(SeatsSold sold)
    {
        if (_payments.GetValueOrDefault(sold.PaymentId) is not { IsDebited: true } payment)
        {
            find($"payment {sold.PaymentId} sold seats, but no debit stands for it");
            return;
        }

        if (payment.IsSold)
        {
            find($"payment {sold.PaymentId} sold twice");
        }

        payment.IsSold = true;
        Claim(sold, payment);
    }

    public void Receipted(string userId, Receipted receipted)
    {
        var receipt = receipted.Receipt;
        if (_payments.GetValueOrDefault(receipt.PaymentId) is not { IsSold: true, IsReceipted: false } payment)
        {
            find($"payment {receipt.PaymentId} has a receipt of {userId}, but no sale waits for one");
            return;
        }

        payment.IsReceipted = true;
        if ((payment.UserId, payment.ReservationId, payment.Amount) != (userId, receipt.ReservationId, receipt.Amount))
        {
            find($"payment {receipt.PaymentId} of {payment.UserId} over {payment.Amount} has a receipt of {userId} over {receipt.Amount}");
        }
    }

    /// <summary>A token ended because of it.</summary>
    public void TokenUsed(string queueId, long ticket, string userId, string? paymentId)
    {
        if (_payments.GetValueOrDefault(paymentId ?? "") is not { IsSold: true } payment || payment.UserId != userId)
        {
            find($"queue {queueId}: ticket {ticket} of {userId} was used up by payment {paymentId}, which {userId} did not make");
        }
    }

    public void Settled(PaymentSettled settled)
    {
        if (_payments.GetValueOrDefault(settled.PaymentId) is not { IsSold: true, IsSettled: false } payment)
        {
            find($"payment {settled.PaymentId} was settled, but no sale waited for that");
            return;
        }

        payment.IsSettled = true;
        Forget(settled.PaymentId, payment);
    }

    public void RefundStarted(RefundStarted started)
    {
        if (_payments.GetValueOrDefault(started.PaymentId) is not { IsSold: true, Refund: Giving.None } payment)
        {
            find($"the refund of payment {started.PaymentId} was started, but it had sold nothing that was not being given back");
            return;
        }

        payment.Refund = Giving.Started;
    }

    public void Credited(string userId, Refunded refunded)
    {
        if (_payments.GetValueOrDefault(refunded.PaymentId) is not { Refund: Giving.Started } payment
            || (payment.UserId, payment.Amount) != (userId, refunded.Amount))
        {
            find($"payment {refunded.PaymentId} gave {refunded.Amount} to {userId}, but no refund of that was in flight");
            return;
        }

        payment.Refund = Giving.Credited;
    }

    public void Refunded(PaymentRefunded refunded)
    {
        if (_payments.GetValueOrDefault(refunded.PaymentId) is not { Refund: Giving.Credited } payment)
        {
            find($"payment {refunded.PaymentId} freed its seats, but its money was not given back");
            return;
        }

        payment.Refund = Giving.Done;
        Forget(refunded.PaymentId, payment);
    }

    private void Forget(string paymentId, Payment payment)
    {
        if (payment is { IsSettled: true, Refund: Giving.Done })
        {
            _payments.Remove(paymentId);
        }
    }

    private void Claim(SeatsSold sold, Payment payment)
    {
        while (_keys.TryPeek(out var oldest) && oldest.At + KeyLife <= sold.At)
        {
            _paidByKey.Remove(_keys.Dequeue().Key);
        }

        if (payment.Repeat is not { } repeat)
        {
            return;
        }

        if (!_paidByKey.TryAdd((repeat.Caller, repeat.Key), sold.PaymentId))
        {
            find($"one key of {repeat.Caller} made two payments: {_paidByKey[(repeat.Caller, repeat.Key)]} and {sold.PaymentId}");
            return;
        }

        _keys.Enqueue((sold.At, (repeat.Caller, repeat.Key)));
    }

    /// <summary>How far a refund is.</summary>
    private enum Giving
    {
        None,
        Started,
        Credited,
        Done,
    }

    private sealed class Payment(string reservationId, string userId, long amount, Repeat? repeat)
    {
        public string ReservationId { get; } = reservationId;

        public string UserId { get; } = userId;

        public long Amount { get; } = amount;

        public Repeat? Repeat { get; } = repeat;

        public bool IsDebited { get; set; }

        public bool IsSold { get; set; }

        public bool IsReceipted { get; set; }

        public bool IsSettled { get; set; }

        public Giving Refund { get; set; }
    }
}
