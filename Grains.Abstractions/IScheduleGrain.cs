using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Grains.Abstractions;

/// <summary>One schedule, by its id: its seats, holds and reservations, and how far each payment is.</summary>
[Alias("OrleansConcert.IScheduleGrain")]
public interface IScheduleGrain : IGrainWithStringKey
{
    /// <summary>Opens the schedule. Idempotent; refused where the id is another schedule's.</summary>
    [Alias("Open")]
    Task<Answer<ScheduleView>> Open(ScheduleDefinition definition);

    /// <summary>What the schedule is; it never changes. A refusal where there is none.</summary>
    [Alias("Define")]
    Task<Answer<ScheduleDefinition>> Define();

    /// <summary>How many of its seats are left now.</summary>
    [Alias("Get")]
    Task<Answer<ScheduleView>> Get();

    /// <summary>
    /// The durable seat map: null where its version is <paramref name="known"/>, what changed since that one where that is kept, else
    /// whole.
    /// </summary>
    [Alias("Map")]
    Task<SeatStatuses?> Map(long known);

    /// <summary>Takes all of the seats asked for, or none. Durable when answered.</summary>
    [Alias("Hold")]
    Task<Answer<ReservationView>> Hold(HoldRequest request, Repeat? repeat);

    [Alias("Find")]
    Task<Answer<ReservationView>> Find(string reservationId, string userId);

    [Alias("Confirm")]
    Task<Answer<ReservationView>> Confirm(string reservationId, string userId, Repeat? repeat);

    [Alias("Release")]
    Task<Answer<ReservationView>> Release(string reservationId, string userId);

    /// <summary>Gives back every live hold of an ended token. Idempotent.</summary>
    [Alias("ReleaseAll")]
    Task ReleaseAll(string userId, long ticket, ReleaseReason why);

    /// <summary>Pays a reservation from the owner's wallet. When answered the seats are sold and the receipt is durable.</summary>
    [Alias("Pay")]
    Task<Answer<PaymentView>> Pay(PayRequest request, Repeat? repeat);

    /// <summary>
    /// Gives a payment back: when answered the money is in the wallet and the seats are free. Of one given back before, the same
    /// answer again.
    /// </summary>
    [Alias("Refund")]
    Task<Answer<PaymentView>> Refund(RefundRequest request, Repeat? repeat);

    /// <summary>Starts the grain where it has unfinished work.</summary>
    [Alias("Wake")]
    Task Wake();
}

/// <summary>Seats by name, or so many of the best ones; who wants them and under which ticket.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.HoldRequest")]
public sealed record HoldRequest(
    [property: Id(0)] string UserId,
    [property: Id(1)] long Ticket,
    [property: Id(2)] ImmutableArray<string> Seats,
    [property: Id(3)] int BestCount,
    [property: Id(4)] string? BestSection);

/// <summary>A reservation by id, or by exactly its seats.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.PayRequest")]
public sealed record PayRequest(
    [property: Id(0)] string UserId,
    [property: Id(1)] string? ReservationId,
    [property: Id(2)] ImmutableArray<string> Seats);

/// <summary>Which payment to give back, which admin says so, and why in their words.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.RefundRequest")]
public sealed record RefundRequest(
    [property: Id(0)] string PaymentId,
    [property: Id(1)] string By,
    [property: Id(2)] string Why);
