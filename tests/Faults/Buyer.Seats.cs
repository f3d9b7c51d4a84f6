using OrleansConcert.Faults.Linearizability;

namespace OrleansConcert.Faults;

/// <content>What a buyer notes in the histories of seats.</content>
internal sealed partial class Buyer
{
    /// <summary>What a call about one reservation did to its seats, or learned of them.</summary>
    private void Note(Attempt attempt, Reply reply)
    {
        if (attempt.Kind == Kind.Hold && reply.Code == "SEATS_TAKEN")
        {
            histories.Taken(attempt.Call, new(attempt.Schedule, reply.RefusedSeats));
        }

        if (attempt.Reservation is not { } reservation)
        {
            return;
        }

        var (id, seats) = (reservation.Id, reservation.SeatsOfSchedule);
        if (attempt is { Kind: Kind.Pay, Sent: > 1 })
        {
            histories.PerhapsAborted(attempt.Call, id, seats);
        }

        switch (attempt.Kind, reply.Code)
        {
            case (Kind.Pay, ""):
                histories.Sold(attempt.Call, id, seats);
                break;
            case (Kind.Confirm, "") or (Kind.Pay, "INSUFFICIENT_BALANCE"):
                histories.Told(attempt.Call, Act.SeeHolder, id, seats);
                break;
            case (Kind.Release, ""):
                histories.Told(attempt.Call, Act.Release, id, seats);
                break;
            case (_, "HOLD_EXPIRED"):
                histories.Told(attempt.Call, Act.SeeGone, id, seats);
                break;
        }
    }
}
