namespace OrleansConcert.Grains.Tests;

/// <summary>A recorded journal that can be changed in one place.</summary>
internal sealed class Corrupted(IEnumerable<Recorded> events)
{
    public List<Recorded> Events { get; } = [.. events];

    /// <summary>The first event of a kind.</summary>
    public T First<T>(Func<T, bool>? which = null) => (T)Events[IndexOf(which)].Event;

    public void Remove<T>(Func<T, bool>? which = null) => Events.RemoveAt(IndexOf(which));

    public void Change<T>(Func<T, T> change, Func<T, bool>? which = null)
    {
        var index = IndexOf(which);
        Events[index] = Events[index] with { Event = change((T)Events[index].Event)! };
    }

    public void Move<T>(string id) => Events[IndexOf<T>(null)] = Events[IndexOf<T>(null)] with { Id = id };

    public void Repeat<T>(Func<T, bool>? which = null) => After<T>(First(which)!, which);

    /// <summary>One more event, in the stream and behind the first of a kind.</summary>
    public void After<T>(object added, Func<T, bool>? which = null)
    {
        var index = IndexOf(which);
        Events.Insert(index + 1, Events[index] with { Event = added });
    }

    public void Before<T>(object added, Func<T, bool>? which = null)
    {
        var index = IndexOf(which);
        Events.Insert(index, Events[index] with { Event = added });
    }

    public void Late<T>()
    {
        var index = IndexOf<T>(null);
        Events.Add(Events[index]);
        Events.RemoveAt(index);
    }

    private int IndexOf<T>(Func<T, bool>? which) =>
        Events.FindIndex(recorded => recorded.Event is T happened && which?.Invoke(happened) != false) is >= 0 and var index
            ? index
            : throw new InvalidOperationException($"There is no such {typeof(T).Name}.");
}

/// <summary>Ways to corrupt a journal. Each says what a finding must name.</summary>
internal static class Corruptions
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static readonly IReadOnlyDictionary<string, Func<Corrupted, string>> All =
        new[] { OfMoney(), OfSeats(), OfRefunds(), OfQueues(), OfReissues() }.SelectMany(each => each).ToDictionary();

    private static Dictionary<string, Func<Corrupted, string>> OfMoney() => new()
    {
        ["a charge is gone"] = with => With("alice", () => with.Remove<Charged>()),
        ["a charge is there twice"] = with => With("alice", () => with.Repeat<Charged>()),
        ["a charge is larger than it was"] = with => With("alice", () => with.Change<Charged>(it => it with { Amount = it.Amount + 1 })),
        ["a charge of nothing"] = with => With("alice", () => with.Change<Charged>(it => it with { Amount = 0, Balance = 0 })),
        ["a balance is not the sum of the entries"] = with =>
            With("alice", () => with.Change<Charged>(it => it with { Balance = it.Balance + 1 })),
        ["a debit is gone"] = with => With(with.First<Debited>().PaymentId, () => with.Remove<Debited>()),
        ["a debit is there twice"] = with => With(with.First<Debited>().PaymentId, () => with.Repeat<Debited>()),
        ["a debit of another amount"] = with => With(
            with.First<Debited>().PaymentId,
            () => with.Change<Debited>(it => it with { Amount = it.Amount - 1, Balance = it.Balance + 1 })),
        ["a debit in another wallet"] = with => With(with.First<Debited>().PaymentId, () => with.Move<Debited>("bob")),
        ["a debit below zero"] = with => With("alice", () => with.Change<Debited>(it => it with { Amount = 20_000, Balance = -10_000 })),
        ["a debit of a payment that nobody started"] = with =>
            With(with.First<Debited>().PaymentId, () => with.Remove<PaymentStarted>()),
        ["a debit before its payment is durable"] = with => With(with.First<PaymentStarted>().PaymentId, () => with.Late<PaymentStarted>()),
        ["a debit given up after it was made"] = with => With(
            with.First<Debited>().PaymentId,
            () => with.After<Debited>(new DebitVoided(with.First<Debited>().At, with.First<Debited>().PaymentId))),
        ["a receipt over another amount"] = with => With(
            with.First<Receipted>().Receipt.PaymentId,
            () => with.Change<Receipted>(it => it with { Receipt = it.Receipt with { Amount = 1 } })),
        ["a receipt is there twice"] = with => With(with.First<Receipted>().Receipt.PaymentId, () => with.Repeat<Receipted>()),
        ["a receipt of somebody else"] = with => With(with.First<Receipted>().Receipt.PaymentId, () => with.Move<Receipted>("bob")),
    };

    private static Dictionary<string, Func<Corrupted, string>> OfSeats() => new()
    {
        ["a schedule is opened twice"] = with => With("friday", () => with.Repeat<ScheduleOpened>()),
        ["a seat is taken while it is sold"] = with => With("A-1-1", () => with.After<SeatsSold>(
            with.First<SeatsHeld>() with { ReservationId = "rsv.friday.x", At = with.First<SeatsSold>().At })),
        ["a seat is taken that the house does not have"] = with => With(
            "Z-1-1", () => with.Change<SeatsHeld>(it => it with { Seats = ["Z-1-1", "A-1-2"] })),
        ["a hold costs less than its seats"] = with => Hold(with, it => it with { Amount = it.Amount - 1 }),
        ["a hold is made twice"] = with => With(with.First<SeatsHeld>().ReservationId, () => with.Repeat<SeatsHeld>()),
        ["a hold with another's ticket"] = with => Hold(with, it => it with { UserId = "bob" }),
        ["a hold with a ticket that was never issued"] = with => Hold(with, it => it with { Ticket = 77 }),
        ["a hold longer than the policy"] = with => Hold(with, it => it with { ExpiresAt = it.ExpiresAt + Hour }),
        ["a hold outside the sales window"] = with => Hold(with, it => it with { At = it.At - Hour }),
        ["a lapse before the deadline"] = with => With(
            with.First<HoldLapsed>().ReservationId, () => with.Change<HoldLapsed>(
                it => it with { At = it.At - TimeSpan.FromMilliseconds(1) })),
        ["a lapse of a hold that is being paid"] = with => With(
            with.First<PaymentStarted>().ReservationId,
            () => with.After<PaymentStarted>(new HoldLapsed(with.First<PaymentStarted>().At, with.First<PaymentStarted>().ReservationId))),
        ["a sold seat is released"] = with => With(
            with.First<SeatsSold>().ReservationId,
            () => with.After<SeatsSold>(new HoldReleased(
                with.First<SeatsSold>().At, with.First<SeatsSold>().ReservationId, ReleaseReason.Released))),
        ["a hold is confirmed at its deadline"] = with => With(
            with.First<HoldConfirmed>().ReservationId,
            () => with.Change<HoldConfirmed>(it => it with { At = with.First<SeatsHeld>().ExpiresAt })),
        ["a hold is paid at its deadline"] = with => With(
            with.First<PaymentStarted>().ReservationId,
            () => with.Change<PaymentStarted>(it => it with { At = with.First<SeatsHeld>().ExpiresAt })),
        ["a payment of somebody else's hold"] = with => With(
            with.First<PaymentStarted>().PaymentId,
            () => with.Change<PaymentStarted>(
                it => it with { ReservationId = with.First<SeatsHeld>(held => held.UserId == "bob").ReservationId })),
        ["a payment given up after its debit"] = with => With(with.First<Debited>().PaymentId, () => with.Before<SeatsSold>(
            new PaymentAborted(
                with.First<SeatsSold>().At, with.First<SeatsSold>().ReservationId, with.First<SeatsSold>().PaymentId,
                AbortReason.WalletUnavailable))),
        ["a sale is gone"] = with => With(with.First<SeatsSold>().PaymentId, () => with.Remove<SeatsSold>()),
        ["a sale is there twice"] = with => With(with.First<SeatsSold>().PaymentId, () => with.Repeat<SeatsSold>()),
        ["a sale by a payment that was not in flight"] = with => With(
            with.First<SeatsSold>().ReservationId, () => with.Change<SeatsSold>(it => it with { PaymentId = "pay.friday.x" })),
        ["a payment is settled twice"] = with => With(with.First<PaymentSettled>().PaymentId, () => with.Repeat<PaymentSettled>()),
        ["one key made two payments"] = with => With(
            with.First<PaymentStarted>().PaymentId,
            () => with.Change<PaymentStarted>(
                it => it with { Repeat = with.First<PaymentStarted>().Repeat }, it => it.Repeat?.Caller == "dave")),
        ["a schedule goes back in time"] = with => With("friday", () => with.Change<HoldConfirmed>(it => it with { At = it.At - Hour })),
    };

    private static Dictionary<string, Func<Corrupted, string>> OfRefunds() => new()
    {
        ["a refund that nobody ordered"] = with => With(with.First<RefundStarted>().PaymentId, () => with.Remove<RefundStarted>()),
        ["a refund is ordered twice"] = with => With(with.First<RefundStarted>().PaymentId, () => with.Repeat<RefundStarted>()),
        ["a refund whose money did not come"] = with => With(with.First<Refunded>().PaymentId, () => with.Remove<Refunded>()),
        ["a refund whose money came twice"] = with => With(with.First<Refunded>().PaymentId, () => with.Repeat<Refunded>()),
        ["a refund to another wallet"] = with => With(with.First<Refunded>().PaymentId, () => with.Move<Refunded>("bob")),
        ["a refund of another amount"] = with => With(
            with.First<Refunded>().PaymentId,
            () => with.Change<Refunded>(it => it with { Amount = it.Amount + 1, Balance = it.Balance + 1 })),
        ["the seats of a refund are free twice"] = with =>
            With(with.First<PaymentRefunded>().PaymentId, () => with.Repeat<PaymentRefunded>()),
        ["the seats of a refund are free before its money is back"] = with =>
            With(with.First<Refunded>().PaymentId, () => with.Late<Refunded>()),
        ["the seats of a refund are sold again before they are free"] = with => With("A-1-1", () => with.Late<PaymentRefunded>()),
        ["a refund of another reservation"] = with => With(
            with.First<PaymentRefunded>().PaymentId,
            () => with.Change<PaymentRefunded>(
                it => it with { ReservationId = with.First<SeatsHeld>(held => held.UserId == "bob").ReservationId })),
    };

    private static Dictionary<string, Func<Corrupted, string>> OfQueues() => new()
    {
        ["a user has two live tokens"] = with =>
            With("alice", () => with.Change<Joined>(it => it with { UserId = "alice" }, it => it.UserId == "bob")),
        ["a ticket is passed over"] = with => With("ticket 2", () => with.Remove<Joined>(it => it.Ticket == 1)),
        ["a ticket is issued twice"] = with =>
            With("ticket 2", () => with.Change<Joined>(it => it with { Ticket = 2 }, it => it.Ticket == 3)),
        ["somebody joins a draining queue"] = with => With("alice", () => with.Before<Joined>(new QueueDraining(with.First<Joined>().At))),
        ["more are admitted than were first in line"] = with =>
            With("main", () => with.Change<Admitted>(it => it with { Count = it.Count + 1 })),
        ["somebody is admitted while the queue is paused"] = with =>
            With("main", () => with.Before<Admitted>(new QueuePaused(with.First<Admitted>().At))),
        ["more are ACTIVE than the policy allows"] = with => With(
            "main", () => with.Change<PolicyChanged>(it => it with { Policy = it.Policy with { MaxActive = 1 } })),
        ["a token is given more time than the policy"] = with =>
            With("main", () => with.Change<Admitted>(it => it with { ExpiresAt = it.ExpiresAt + Hour })),
        ["a token ends twice"] = with => With("ticket 4", () => with.Repeat<Ended>(it => it.Reason == EndReason.Left)),
        ["a token ends as somebody else's"] = with =>
            With("erin", () => with.Change<Ended>(it => it with { UserId = "bob" }, it => it.Reason == EndReason.Left)),
        ["a token's time ends early"] = with => With("ticket 4", () => with.Change<Ended>(
            it => it with { Status = TokenStatus.Expired, Reason = EndReason.Ttl }, it => it.Reason == EndReason.Left)),
        ["a token is used up by a payment that nobody made"] = with => With(
            "pay.friday.x", () => with.Change<Ended>(it => it with { PaymentId = "pay.friday.x" }, it => it.Reason == EndReason.Paid)),
    };

    private static Dictionary<string, Func<Corrupted, string>> OfReissues() => new()
    {
        ["a token is ended for a new place that nobody gave"] = with => With("erin lost", () =>
        {
            with.Change<PolicyChanged>(it => it with { Policy = it.Policy with { Reissue = Reissue.Requeue } });
            with.Change<Ended>(
                it => it with { Status = TokenStatus.Expired, Reason = EndReason.Requeued }, it => it.Reason == EndReason.Left);
        }),
        ["a token is ended for a new place against the policy"] = with => With("ticket 4", () => with.Change<Ended>(
            it => it with { Status = TokenStatus.Expired, Reason = EndReason.Requeued }, it => it.Reason == EndReason.Left)),
        ["a token is replaced against the policy"] = with => With(
            "ticket 1", () => with.After<Joined>(new Rotated(with.First<Joined>().At, 1, with.First<Joined>().UserId, 9))),
        ["somebody else's token is replaced"] = with => With("ticket 1", () =>
        {
            with.After<Joined>(new Rotated(with.First<Joined>().At, 1, "mallory", 9));
            with.Change<PolicyChanged>(it => it with { Policy = it.Policy with { Reissue = Reissue.RotateInPlace } });
        }),
        ["an operator ends a token and does not say why"] = with => With(
            "ticket 4", () => with.Change<Ended>(it => it with { Reason = EndReason.Admin }, it => it.Reason == EndReason.Left)),
    };

    private static string Hold(Corrupted with, Func<SeatsHeld, SeatsHeld> change) =>
        With(with.First<SeatsHeld>().ReservationId, () => with.Change(change));

    private static string With(string named, Action corrupt)
    {
        corrupt();
        return named;
    }
}
