using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests.Seats;

/// <summary>A reservation as the naive model of a schedule keeps it.</summary>
internal sealed class Taking
{
    public required string Id { get; init; }

    public required string User { get; init; }

    public required long Ticket { get; init; }

    public required ImmutableArray<string> Seats { get; init; }

    public required Instant HeldAt { get; init; }

    public required Instant ExpiresAt { get; init; }

    public ReservationStatus Status { get; set; }

    public bool Confirmed { get; set; }

    public string? Payment { get; set; }

    public bool Settled { get; set; }

    /// <summary>Whether its refund was started; it is done where it is REFUNDED.</summary>
    public bool Refunding { get; set; }

    public bool IsUnfinished => Payment is not null && (!Settled || (Refunding && Status == ReservationStatus.Paid));

    public Instant? EndedAt { get; set; }

    public long ChangedAt { get; set; }

    public bool IsHold => Status is ReservationStatus.Held or ReservationStatus.Reserved;

    public bool KeepsSeats => IsHold || Status is ReservationStatus.Paying or ReservationStatus.Paid;
}

/// <summary>A schedule as a list of everything that was ever taken; every question reads all of it.</summary>
internal sealed class SeatModel(ScheduleDefinition definition)
{
    public List<Taking> Takings { get; } = [];

    /// <summary>Every seat of the house, from the front, by its name, with its row, its number and the length of its row.</summary>
    public ImmutableArray<(string Id, string Section, int Row, int Number, int RowLength, long Price)> House { get; } =
    [
        .. from section in definition.Sections
           from row in Enumerable.Range(1, section.Rows)
           from number in Enumerable.Range(1, section.SeatsPerRow)
           select ($"{section.Name}-{row}-{number}", section.Name, row, number, section.SeatsPerRow, section.Price),
    ];

    public Taking? Find(string id) => Takings.Find(taking => taking.Id == id);

    public Taking? HolderOf(string seat) => Takings.Find(taking => taking.KeepsSeats && taking.Seats.Contains(seat));

    public long PriceOf(IEnumerable<string> seats) => seats.Sum(seat => House.Single(known => known.Id == seat).Price);

    public int SeatsOf(string user) => Takings.Where(taking => taking.User == user && taking.KeepsSeats).Sum(taking => taking.Seats.Length);

    /// <summary>Why these may not be taken, in order of precedence; null where they may.</summary>
    public SeatRefusal? MayTake(string user, IReadOnlyList<string> seats, int count, Instant now)
    {
        if (seats.Any(seat => House.All(known => known.Id != seat)))
        {
            return SeatRefusal.SeatNotFound;
        }

        if (now < definition.SalesOpenAt || now >= definition.SalesCloseAt)
        {
            return SeatRefusal.SalesClosed;
        }

        if (count < 1 || seats.Distinct().Count() < seats.Count)
        {
            return SeatRefusal.NotASetOfSeats;
        }

        if (count > definition.Policy.MaxSeatsPerHold || SeatsOf(user) + count > definition.Policy.MaxSeatsPerUser)
        {
            return SeatRefusal.LimitExceeded;
        }

        return seats.Any(seat => HolderOf(seat) is not null) ? SeatRefusal.SeatsTaken : null;
    }

    /// <summary>Every run of free seats there is, the best of them; else single ones.</summary>
    public ImmutableArray<string> Best(int count, string? section)
    {
        var rows = House.Where(seat => section is null || seat.Section == section).GroupBy(seat => (seat.Section, seat.Row)).ToArray();
        foreach (var row in rows)
        {
            var seats = row.ToArray();
            var runs =
                from first in Enumerable.Range(0, Math.Max(0, seats.Length - count + 1))
                let run = seats[first..(first + count)]
                where run.All(seat => HolderOf(seat.Id) is null)
                orderby Math.Abs(run.Average(seat => seat.Number) - seats.Average(seat => seat.Number)), first
                select run;
            if (runs.FirstOrDefault() is { } best)
            {
                return [.. best.Select(seat => seat.Id)];
            }
        }

        var single = rows
            .SelectMany(row => row
                .Where(seat => HolderOf(seat.Id) is null)
                .OrderBy(seat => Math.Abs(seat.Number - ((seat.RowLength + 1) / 2.0))).ThenBy(seat => seat.Number))
            .Take(count)
            .Select(seat => seat.Id)
            .ToArray();
        return single.Length < count ? [] : [.. House.Select(seat => seat.Id).Where(single.Contains)];
    }
}
