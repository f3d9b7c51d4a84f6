namespace OrleansConcert.Domain.Payments;

/// <summary>A seat and what was paid for it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.PricedSeat")]
public sealed record PricedSeat([property: Id(0)] string SeatId, [property: Id(1)] long Price);

/// <summary>A payment that was made: who paid how much for which seats, and what that left.</summary>
/// <param name="TokenDone">Whether the payment ended the token it was made with.</param>
[GenerateSerializer, Immutable, Alias("OrleansConcert.Receipt")]
public sealed record Receipt(
    [property: Id(0)] string PaymentId,
    [property: Id(1)] string ReservationId,
    [property: Id(2)] string ScheduleId,
    [property: Id(3)] string ConcertId,
    [property: Id(4)] string UserId,
    [property: Id(5)] ImmutableArray<PricedSeat> Seats,
    [property: Id(6)] long Amount,
    [property: Id(7)] long BalanceAfter,
    [property: Id(8)] Instant PaidAt,
    [property: Id(9)] bool TokenDone);
