namespace OrleansConcert.Grains.Tests;

/// <summary>What each view is to say: the states that the rules make of the same entries, by the clock.</summary>
internal sealed class FoldedJournal(IReadOnlyList<JournalEntry> entries)
{
    private readonly (string Id, ScheduleState State)[] _schedules = [.. Fold(JournalFormats.Schedule, entries)];

    /// <summary>Whether no payment or refund is on its way.</summary>
    public bool IsSettled => _schedules.All(schedule => !schedule.State.Unsettled().Any());

    /// <summary>The names of each view's columns, then its rows, sorted.</summary>
    public IReadOnlyDictionary<string, IEnumerable<string>> At(Instant now) => new Dictionary<string, IEnumerable<string>>
    {
        ["seats_now"] = Sorted(
            "schedule_id seat_id section row number price status reservation_id user_id hold_expires_at",
            _schedules.SelectMany(schedule => Enumerable.Range(0, schedule.State.Plan.SeatCount)
                .Select(seat => Seat(schedule.Id, schedule.State, seat, now)))),
        ["reservations_now"] = Sorted(
            "reservation_id schedule_id user_id seats amount status held_at expires_at payment_id ended_at",
            _schedules.SelectMany(schedule => schedule.State.Reservations()
                .Select(reservation => Reservation(schedule.Id, schedule.State.Plan, reservation, now)))),
        ["payments"] = Sorted(
            "payment_id reservation_id schedule_id concert_id user_id amount paid_at refunded_at",
            _schedules.SelectMany(schedule => schedule.State.Reservations()
                .Where(reservation => reservation.Payment is { PaidAt: not null })
                .Select(reservation => Payment(schedule.Id, schedule.State.Definition!.ConcertId, reservation)))),
        ["wallet_balances"] = Sorted(
            "user_id balance entries changed_at",
            Fold(JournalFormats.Wallet, entries).Select(wallet => Wallet(wallet.Id, wallet.State)).OfType<string>()),
        ["queue_now"] = Sorted(
            "queue_id ticket user_id status position issued_at activated_at expires_at ended_at reason",
            Fold(JournalFormats.Queue, entries).SelectMany(queue => queue.State.Tokens()
                .Select(token => Token(queue.Id, queue.State, token)))),
    };

    private static string Seat(string scheduleId, ScheduleState schedule, int number, Instant now)
    {
        var seat = schedule.Plan.SeatAt(number);
        var holder = schedule.HolderOf(number) is { } found && found.KeepsSeatsAt(now) ? found : null;
        var sold = holder is { Status: ReservationStatus.Paid };
        return JournalCopy.Row(
            scheduleId,
            seat,
            seat.Section,
            seat.Row,
            seat.Number,
            schedule.Plan.PriceOf(number),
            holder is null ? SeatStatus.Available : sold ? SeatStatus.Sold : holder.Status,
            holder?.Id,
            holder?.UserId,
            sold ? null : holder?.ExpiresAt);
    }

    private static string Reservation(string scheduleId, SeatPlan plan, Reservation reservation, Instant now)
    {
        var status = reservation.StatusAt(now);
        return JournalCopy.Row(
            reservation.Id,
            scheduleId,
            reservation.UserId,
            reservation.Seats.Select(seat => plan.SeatAt(seat).ToString()),
            reservation.Amount,
            status,
            reservation.HeldAt,
            reservation.ExpiresAt,
            reservation.Payment?.PaymentId,
            reservation.EndedAt ?? (status == ReservationStatus.Expired ? reservation.ExpiresAt : null));
    }

    private static string Payment(string scheduleId, string concertId, Reservation reservation) => JournalCopy.Row(
        reservation.Payment!.PaymentId,
        reservation.Id,
        scheduleId,
        concertId,
        reservation.UserId,
        reservation.Amount,
        reservation.Payment.PaidAt,
        reservation.Payment.Refund?.RefundedAt);

    private string? Wallet(string userId, WalletState wallet)
    {
        var made = entries.Where(entry => entry.Stream == WireNames.WalletStreams + userId)
            .Select(entry => JournalFormats.Wallet.Read(entry.Text))
            .Where(happened => happened is Charged or Debited or Refunded)
            .ToArray();
        return made.Length == 0 ? null : JournalCopy.Row(userId, wallet.Balance, made.Length, made[^1].At);
    }

    private static string Token(string queueId, QueueState queue, Token token) => JournalCopy.Row(
        queueId,
        token.Ticket,
        token.UserId,
        token.Status,
        token.Status == TokenStatus.Waiting ? queue.Line.Ahead(token.Ticket) + 1 : null,
        token.IssuedAt,
        token.ActivatedAt,
        token.ExpiresAt,
        token.EndedAt,
        token.Reason);

    private static IEnumerable<string> Sorted(string columns, IEnumerable<string> rows) =>
        [columns, .. rows.Order(StringComparer.Ordinal)];

    private static IEnumerable<(string Id, TState State)> Fold<TState, TEvent>(
        JournalFormat<TState, TEvent> format, IReadOnlyList<JournalEntry> entries)
    {
        foreach (var stream in entries.Where(entry => entry.Stream.StartsWith(format.Streams, StringComparison.Ordinal))
            .GroupBy(entry => entry.Stream))
        {
            var state = format.Empty();
            foreach (var entry in stream)
            {
                format.Apply(state, format.Read(entry.Text), entry.Version);
            }

            yield return (stream.Key[format.Streams.Length..], state);
        }
    }
}
