namespace OrleansConcert.Domain.Seats;

/// <summary>How a concert's seats are sold. Fixed when the concert is made.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.SalePolicy")]
public sealed record SalePolicy
{
    /// <summary>How long a hold keeps its seats.</summary>
    [Id(0)]
    public required TimeSpan HoldTtl { get; init; }

    /// <summary>Whether a hold must be confirmed before it can be paid.</summary>
    [Id(1)]
    public required bool ExplicitReserve { get; init; }

    [Id(2)]
    public required int MaxSeatsPerHold { get; init; }

    /// <summary>How many seats one user may hold and own in one schedule; null for no cap.</summary>
    [Id(3)]
    public int? MaxSeatsPerUser { get; init; }

    /// <summary>Whether a payment ends the token and gives its other holds back.</summary>
    [Id(4)]
    public required bool TokenPerPayment { get; init; }

    /// <summary>The members out of bounds, by their names on the wire, each with what is allowed.</summary>
    public IEnumerable<(string Member, string Allowed)> Violations()
    {
        if (!Durations.IsSecondToDay(HoldTtl))
        {
            yield return ("holdTtl", Durations.SecondToDay);
        }

        if (MaxSeatsPerHold is < 1 or > 20)
        {
            yield return ("maxSeatsPerHold", "1 to 20");
        }

        if (MaxSeatsPerUser is < 1 or > 1_000)
        {
            yield return ("maxSeatsPerUser", "1 to 1000, or null for no cap");
        }
    }
}
