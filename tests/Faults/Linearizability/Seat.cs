namespace OrleansConcert.Faults.Linearizability;

/// <summary>What an operation does to one seat, or learns of it.</summary>
internal enum Act
{
    /// <summary>The seat was given to a reservation.</summary>
    Hold,

    /// <summary>The reservation's deadline: a hold ends, a payment in flight does not.</summary>
    Lapse,

    /// <summary>The reservation was given back, or its token ended.</summary>
    Release,

    /// <summary>A payment of the reservation began: from here it cannot lapse.</summary>
    Pay,

    /// <summary>The payment came to nothing: held again, until the old deadline.</summary>
    Abort,

    /// <summary>The payment was done.</summary>
    Sell,

    /// <summary>The reservation was seen to hold the seat unpaid: HELD, RESERVED or PAYING.</summary>
    SeeHolder,

    /// <summary>The reservation was seen to own the seat: PAID.</summary>
    SeeOwner,

    /// <summary>The reservation was seen to have the seat no more, or never: EXPIRED, CANCELLED.</summary>
    SeeGone,

    /// <summary>The seat was seen AVAILABLE.</summary>
    SeeFree,

    /// <summary>The seat was seen not AVAILABLE, or refused to somebody as taken.</summary>
    SeeTaken,

    /// <summary>The seat was seen HELD: unpaid.</summary>
    SeeHeld,

    /// <summary>The seat was seen SOLD.</summary>
    SeeSold,
}

/// <summary>
/// One operation on one seat: it took effect at one instant, as if alone, between its call and its return.
/// </summary>
/// <param name="Call">Before this instant it did nothing. Any unit; one for a history.</param>
/// <param name="Return">After this instant it had done what it did; <see cref="Never"/> where nobody was told.</param>
/// <param name="Act">What it did or learned.</param>
/// <param name="Holder">The reservation it is about; 0 where it is about the seat alone.</param>
internal sealed record Operation(long Call, long Return, Act Act, int Holder)
{
    public const long Never = long.MaxValue;

    /// <summary>Whether it may just as well never have happened: nobody was told.</summary>
    public bool IsOpen => Return == Never;

    /// <summary>Whether it only learned something.</summary>
    public bool IsLook => Act >= Act.SeeHolder;

    /// <summary>What must have happened before it: a deadline comes of a hold, a sale of a payment.</summary>
    public Operation? After { get; init; }

    public override string ToString() =>
        $"[{Call}, {(IsOpen ? "?" : Return)}] {Act}{(Holder == 0 ? "" : $" {Holder}")}";
}

/// <summary>The rules of one seat, said again in the fewest words: what the server is held against.</summary>
/// <param name="Holder">The reservation that has it; 0 where it is free.</param>
/// <param name="Overdue">The deadline came while a payment was in flight.</param>
internal readonly record struct Seat(SeatStatus Status, int Holder, bool Overdue)
{
    public static readonly Seat Free = new(SeatStatus.Free, 0, false);

    /// <summary>The seat after an operation; null where the operation cannot be, as the seat is.</summary>
    public Seat? After(Act act, int holder)
    {
        var isMine = Status != SeatStatus.Free && Holder == holder;
        return act switch
        {
            Act.Hold => Status == SeatStatus.Free ? new(SeatStatus.Held, holder, false) : null,
            Act.Lapse when !isMine || Status == SeatStatus.Sold => this,
            Act.Lapse => Status == SeatStatus.Held ? Free : this with { Overdue = true },

            // Given back a second time is given back; somebody else's never is.
            Act.Release when !isMine => this,
            Act.Release => Status == SeatStatus.Held ? Free : null,
            Act.Pay => isMine && Status == SeatStatus.Held ? this with { Status = SeatStatus.Paying } : null,
            Act.Abort when !isMine || Status != SeatStatus.Paying => null,
            Act.Abort => Overdue ? Free : this with { Status = SeatStatus.Held },
            Act.Sell => isMine && Status == SeatStatus.Paying ? new(SeatStatus.Sold, holder, false) : null,
            Act.SeeHolder => If(isMine && Status != SeatStatus.Sold),
            Act.SeeOwner => If(isMine && Status == SeatStatus.Sold),
            Act.SeeGone => If(!isMine),
            Act.SeeFree => If(Status == SeatStatus.Free),
            Act.SeeTaken => If(Status != SeatStatus.Free),
            Act.SeeHeld => If(Status is SeatStatus.Held or SeatStatus.Paying),
            Act.SeeSold => If(Status == SeatStatus.Sold),
            _ => throw new ArgumentOutOfRangeException(nameof(act)),
        };
    }

    private Seat? If(bool holds) => holds ? this : null;
}

internal enum SeatStatus
{
    Free,
    Held,
    Paying,
    Sold,
}
