namespace OrleansConcert.Domain.Seats;

/// <summary>Why a schedule says no, in order of precedence: existence, ownership, state.</summary>
public enum SeatRefusal
{
    ScheduleNotFound,

    /// <summary>The house has no such seat (<c>seats</c>) or section.</summary>
    SeatNotFound,

    ReservationNotFound,

    /// <summary>No payment of that id was made here; one in flight may yet come to nothing.</summary>
    PaymentNotFound,

    /// <summary>The reservation is another user's.</summary>
    NotOwner,

    /// <summary>The schedule exists already, and otherwise.</summary>
    AlreadyExists,

    /// <summary>Outside the sales window.</summary>
    SalesClosed,

    /// <summary>No seat was asked for, or one twice. A retry cannot help.</summary>
    NotASetOfSeats,

    /// <summary>More seats than one hold or one user may have (<c>limit</c>).</summary>
    LimitExceeded,

    /// <summary>Another buyer has some of the seats (<c>seats</c>). Worth a retry: a hold may lapse.</summary>
    SeatsTaken,

    /// <summary>Fewer seats are free than were asked for. Worth a retry: a hold may lapse.</summary>
    NotEnoughSeats,

    /// <summary>The deadline has passed; the seats are free again.</summary>
    HoldExpired,

    /// <summary>The owner gave it back, or its payment was refunded.</summary>
    ReservationCancelled,

    /// <summary>It is confirmed and being paid, or paid.</summary>
    AlreadyReserved,

    /// <summary>It is paid for (<c>paymentId</c>).</summary>
    AlreadyPaid,

    /// <summary>A payment of it is in flight. Worth a retry.</summary>
    PaymentInProgress,

    /// <summary>The policy wants it confirmed before it is paid.</summary>
    NotConfirmed,
}

/// <summary>A schedule's no, with its reason.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.SeatRefused")]
public sealed record SeatRefused([property: Id(0)] SeatRefusal Reason) : Refused;
