using System.Text.Json;
using OrleansConcert.Faults.Linearizability;

namespace OrleansConcert.Faults;

/// <summary>What was last acknowledged of a reservation.</summary>
internal enum Fate
{
    Held,
    Reserved,

    /// <summary>Its deadline passed, and somebody was told so.</summary>
    Lapsed,

    /// <summary>Given back by its owner.</summary>
    Released,

    /// <summary>Its token ended; its seats come back soon.</summary>
    Dropped,

    Paid,
}

/// <summary>A reservation as its owner was told of it.</summary>
internal sealed class Reservation(JsonElement answer, Place place)
{
    /// <summary>How far the clock of the server may be from ours: it reads the same one, once.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMilliseconds(200);

    public string Id { get; } = answer.Text("reservationId");

    public string ScheduleId { get; } = answer.Text("scheduleId");

    public IReadOnlyList<string> Seats { get; } = answer.Seats();

    public Seats SeatsOfSchedule => new(ScheduleId, Seats);

    public long Amount { get; } = answer.Number("amount");

    public DateTimeOffset ExpiresAt { get; } = answer.Time("expiresAt");

    public Place Place { get; } = place;

    public Fate Fate { get; set; } = Fate.Held;

    /// <summary>Whether its end has been seen, after which it is looked at no more.</summary>
    public bool IsClosed { get; set; }

    public bool IsOpenHold => Fate is Fate.Held or Fate.Reserved;

    public bool HasSeatsOf(Reservation other) => ScheduleId == other.ScheduleId && Seats.SequenceEqual(other.Seats);

    public bool MayHaveLapsed => TimeProvider.System.GetUtcNow() + Skew >= ExpiresAt;

    public bool MustHaveLapsed => TimeProvider.System.GetUtcNow() - Skew >= ExpiresAt;

    /// <summary>What is wrong with it as the server shows it, or null.</summary>
    /// <param name="hadLapsed">Whether its deadline had passed before it was asked for.</param>
    public string? Wrong(Reply shown, bool hadLapsed)
    {
        if (!shown.IsSuccess)
        {
            return $"the reservation {Id}, {Fate}, is answered with {shown}";
        }

        var status = shown.Json.Text("status");
        var isRight = (Fate, status) switch
        {
            (Fate.Held, "HELD") or (Fate.Reserved, "RESERVED") => !hadLapsed,
            (Fate.Held or Fate.Reserved or Fate.Dropped, "EXPIRED") => MayHaveLapsed,
            (Fate.Lapsed, "EXPIRED") or (Fate.Released or Fate.Dropped, "CANCELLED") or (Fate.Paid, "PAID") => true,
            _ => false,
        };
        return isRight && shown.Json.Time("expiresAt") == ExpiresAt && shown.Json.Seats().SequenceEqual(Seats)
            ? null
            : $"the reservation {Id} was {Fate} until {ExpiresAt:O} with {string.Join(' ', Seats)}, and is {shown}";
    }
}

/// <summary>A place in the queue as its owner was told of it.</summary>
/// <param name="Asked">When the join was sent, and <paramref name="Told"/> when it was answered, on one counter for all clients.</param>
internal sealed record Place(string Token, string UserId, long Asked, long Told)
{
    public string Status { get; private set; } = "WAITING";

    /// <summary>The last position shown; 0 once ACTIVE.</summary>
    public long Position { get; private set; } = long.MaxValue;

    public bool IsActive => Status == "ACTIVE";

    /// <summary>Takes in what the server shows; a place never gets worse.</summary>
    public string? See(JsonElement token)
    {
        var (status, position) = (token.Text("status"), token.Number("position"));
        var wrong = token.Text("token") == Token
            && status is "WAITING" or "ACTIVE"
            && position <= Position
            && (position == 0) == (status == "ACTIVE")
                ? null
                : $"{UserId} was {Status} at {Position} and is {status} at {position}";
        (Status, Position) = (status, position);
        return wrong;
    }
}
