namespace OrleansConcert.Domain.Seats;

/// <summary>A schedule's state as a value, for snapshots and for comparing a replay with memory.</summary>
public sealed record ScheduleSnapshot(
    ScheduleDefinition? Definition,
    Instant ChangedAt,
    ImmutableArray<ReservationSnapshot> Reservations,
    ImmutableArray<string> EndedInOrder);

/// <summary>A reservation as a value.</summary>
public sealed record ReservationSnapshot(
    string Id,
    string UserId,
    long Ticket,
    ImmutableArray<int> Seats,
    long Amount,
    Instant HeldAt,
    Instant ExpiresAt,
    ReservationStatus Status,
    bool Confirmed,
    PaymentInFlight? Payment,
    Instant? EndedAt)
{
    internal static ReservationSnapshot Of(Reservation reservation) => new(
        reservation.Id, reservation.UserId, reservation.Ticket, reservation.Seats, reservation.Amount, reservation.HeldAt,
        reservation.ExpiresAt, reservation.Status, reservation.Confirmed, reservation.Payment, reservation.EndedAt);

    internal Reservation ToReservation() => new()
    {
        Id = Id,
        UserId = UserId,
        Ticket = Ticket,
        Seats = Seats,
        Amount = Amount,
        HeldAt = HeldAt,
        ExpiresAt = ExpiresAt,
        Status = Status,
        Confirmed = Confirmed,
        Payment = Payment,
        EndedAt = EndedAt,
    };
}
