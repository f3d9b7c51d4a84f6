namespace OrleansConcert.Domain.Seats;

/// <summary>Who asks for seats, under which ticket and permit, and the id the reservation will have.</summary>
/// <param name="PermittedUntil">Until when the queue keeps the ticket's token alive.</param>
public sealed record Holder(string UserId, long Ticket, string ReservationId, Instant PermittedUntil);

/// <summary>
/// The rules of taking seats and giving them back. Before any of them is asked, <see cref="Lapses"/> due by now are folded.
/// </summary>
public static class Holding
{
    /// <summary>The holds whose deadline has passed: their seats are free, whoever tidies up.</summary>
    public static ImmutableArray<SeatEvent> Lapses(ScheduleState schedule, Instant now) =>
        [.. schedule.LapsedBy(now).Select(lapsed => new HoldLapsed(now, lapsed.Id))];

    /// <summary>Opens the schedule; asked again with the same definition, nothing happens.</summary>
    public static Decision<SeatEvent> Open(ScheduleState schedule, ScheduleDefinition definition, Instant now)
    {
        if (schedule.Definition is not { } present)
        {
            return Decision<SeatEvent>.Yes(new ScheduleOpened(now, definition));
        }

        return present.IsSameAs(definition)
            ? Decision<SeatEvent>.Already(1)
            : Decision<SeatEvent>.No(new SeatRefused(SeatRefusal.AlreadyExists), 1);
    }

    /// <summary>Whether there is such a schedule.</summary>
    public static Decision<SeatEvent> Exists(ScheduleState schedule) =>
        schedule.Definition is null ? No(SeatRefusal.ScheduleNotFound) : Decision<SeatEvent>.Already(1);

    /// <summary>Whether this user may see that reservation.</summary>
    public static Decision<SeatEvent> See(ScheduleState schedule, string reservationId, string userId) =>
        Owned(schedule, reservationId, userId, out var reservation) ?? Decision<SeatEvent>.Already(reservation.ChangedAt);

    /// <summary>All of these seats, or none.</summary>
    public static Decision<SeatEvent> Hold(
        ScheduleState schedule, Holder holder, ImmutableArray<string> seatIds, Instant now)
    {
        if (schedule.Definition is null)
        {
            return No(SeatRefusal.ScheduleNotFound);
        }

        var unknown = seatIds.Where(id => schedule.Plan.IndexOf(id) < 0).ToImmutableArray();
        if (!unknown.IsEmpty)
        {
            return No(SeatRefusal.SeatNotFound, new() { Seats = unknown });
        }

        ImmutableArray<int> seats = [.. seatIds.Select(schedule.Plan.IndexOf)];
        if (MayHold(schedule, holder, seats.Length, seats.Distinct().Count(), now) is { } refused)
        {
            return refused;
        }

        var taken = seats.Where(seat => schedule.HolderOf(seat)?.KeepsSeatsAt(now) == true).ToImmutableArray();
        return taken.IsEmpty
            ? Yes(schedule, holder, seats, now)
            : No(
                SeatRefusal.SeatsTaken,
                new() { Seats = [.. taken.Select(seat => schedule.Plan.SeatAt(seat).ToString())] },
                taken.Max(schedule.SeatChangedAt));
    }

    /// <summary>The best seats still free: adjacent ones of one row where there are, front and middle first.</summary>
    /// <param name="shownUpTo">The newest version of the stream: a refusal here speaks of every seat.</param>
    public static Decision<SeatEvent> HoldBest(
        ScheduleState schedule, Holder holder, int count, string? section, long shownUpTo, Instant now)
    {
        if (schedule.Definition is null)
        {
            return No(SeatRefusal.ScheduleNotFound);
        }

        if (section is not null && !schedule.Plan.HasSection(section))
        {
            return No(SeatRefusal.SeatNotFound, new() { Seats = [section] });
        }

        if (MayHold(schedule, holder, count, count, now) is { } refused)
        {
            return refused;
        }

        var seats = BestSeats.Find(schedule, count, section);
        return seats.IsEmpty
            ? No(SeatRefusal.NotEnoughSeats, shows: shownUpTo)
            : Yes(schedule, holder, seats, now);
    }

    /// <summary>The owner confirms the hold; asked again, nothing happens.</summary>
    public static Decision<SeatEvent> Confirm(ScheduleState schedule, string reservationId, string userId, Instant now)
    {
        if (Owned(schedule, reservationId, userId, out var reservation) is { } refused)
        {
            return refused;
        }

        return reservation.StatusAt(now) switch
        {
            ReservationStatus.Held => Decision<SeatEvent>.Yes(new HoldConfirmed(now, reservation.Id)),
            ReservationStatus.Reserved => Decision<SeatEvent>.Already(reservation.ChangedAt),
            ReservationStatus.Paying or ReservationStatus.Paid => No(reservation, SeatRefusal.AlreadyReserved),
            ReservationStatus.Expired => No(reservation, SeatRefusal.HoldExpired),
            ReservationStatus.Cancelled or ReservationStatus.Refunded => No(reservation, SeatRefusal.ReservationCancelled),
        };
    }

    /// <summary>The owner gives the seats back; asked again, nothing happens.</summary>
    public static Decision<SeatEvent> Release(ScheduleState schedule, string reservationId, string userId, Instant now)
    {
        if (Owned(schedule, reservationId, userId, out var reservation) is { } refused)
        {
            return refused;
        }

        return reservation.StatusAt(now) switch
        {
            ReservationStatus.Held or ReservationStatus.Reserved =>
                Decision<SeatEvent>.Yes(new HoldReleased(now, reservation.Id, ReleaseReason.Released)),
            ReservationStatus.Cancelled => Decision<SeatEvent>.Already(reservation.ChangedAt),
            ReservationStatus.Expired => No(reservation, SeatRefusal.HoldExpired),
            ReservationStatus.Paying => No(reservation, SeatRefusal.PaymentInProgress),
            ReservationStatus.Paid => No(reservation, SeatRefusal.AlreadyPaid),
            ReservationStatus.Refunded => No(reservation, SeatRefusal.ReservationCancelled),
        };
    }

    /// <summary>Gives back every live hold of a ticket that ended; payments in flight go on.</summary>
    public static ImmutableArray<SeatEvent> ReleaseAll(
        ScheduleState schedule, string userId, long ticket, ReleaseReason why, Instant now) =>
        [.. LiveHolds(schedule, userId, ticket, now).Select(hold => new HoldReleased(now, hold.Id, why))];

    /// <summary>The live holds of a ticket.</summary>
    public static IEnumerable<Reservation> LiveHolds(ScheduleState schedule, string userId, long ticket, Instant now) =>
        schedule.Of(userId).Where(reservation => reservation.Ticket == ticket && reservation.IsLiveHoldAt(now));

    /// <summary>Finds a reservation for its owner, or says why not.</summary>
    internal static Decision<SeatEvent>? Owned(
        ScheduleState schedule, string reservationId, string userId, out Reservation reservation)
    {
        reservation = schedule.Find(reservationId)!;
        if (reservation is null)
        {
            return No(SeatRefusal.ReservationNotFound);
        }

        return reservation.UserId == userId ? null : No(SeatRefusal.NotOwner);
    }

    internal static Decision<SeatEvent> No(Reservation reservation, SeatRefusal reason) => No(
        reason,
        new() { ExpiresAt = reservation.ExpiresAt, PaymentId = reservation.Payment?.PaymentId },
        reservation.ChangedAt);

    private static Decision<SeatEvent>? MayHold(ScheduleState schedule, Holder holder, int count, int distinct, Instant now)
    {
        var policy = schedule.Definition!.Policy;
        if (!schedule.Definition.IsOnSaleAt(now))
        {
            return No(SeatRefusal.SalesClosed);
        }

        if (count < 1 || distinct < count)
        {
            return No(SeatRefusal.NotASetOfSeats);
        }

        if (count > policy.MaxSeatsPerHold)
        {
            return No(SeatRefusal.LimitExceeded, new() { Limit = policy.MaxSeatsPerHold });
        }

        return policy.MaxSeatsPerUser is { } limit && schedule.SeatsOf(holder.UserId, now) + count > limit
            ? No(SeatRefusal.LimitExceeded, new() { Limit = limit }, schedule.NewestKeptBy(holder.UserId, now))
            : null;
    }

    private static Decision<SeatEvent> Yes(ScheduleState schedule, Holder holder, ImmutableArray<int> seats, Instant now) =>
        Decision<SeatEvent>.Yes(new SeatsHeld(
            now,
            holder.ReservationId,
            holder.UserId,
            holder.Ticket,
            [.. seats.Select(seat => schedule.Plan.SeatAt(seat).ToString())],
            seats.Sum(schedule.Plan.PriceOf),
            Instant.Min(now + schedule.Definition!.Policy.HoldTtl, holder.PermittedUntil)));

    private static Decision<SeatEvent> No(SeatRefusal reason, Particulars? with = null, long shows = 0) =>
        Decision<SeatEvent>.No(new SeatRefused(reason) { With = with ?? Particulars.None }, shows);
}
