namespace OrleansConcert.Domain.Queues;

/// <summary>What a join of a user who has a live place does.</summary>
public enum Reissue
{
    /// <summary>The place they have is given again, with the same token.</summary>
    ReturnExisting,

    /// <summary>The place they have ends, and they get a new one at the end. A live hold forbids it unless they say to give it up.</summary>
    Requeue,

    /// <summary>The place they have stays, under a new token; the old token is void.</summary>
    RotateInPlace,
}

/// <summary>What must be shown to use the wallet.</summary>
public enum WalletGate
{
    /// <summary>A signed-in user is enough.</summary>
    Open,

    /// <summary>A live queue token is needed.</summary>
    Token,

    /// <summary>An ACTIVE queue token is needed.</summary>
    Active,
}

/// <summary>Which tokens may look at schedules and seats. Holding and paying always want an ACTIVE one.</summary>
public enum BrowseGate
{
    Active,

    /// <summary>Any token of the queue but EXPIRED and CANCELLED ones.</summary>
    NotExpired,
}

/// <summary>How a queue admits, how long its tokens live, and what they open. Bounds: <see cref="Violations"/>.</summary>
[GenerateSerializer, Immutable, Alias("OrleansConcert.QueuePolicy")]
public sealed record QueuePolicy
{
    [Id(0)]
    public required Reissue Reissue { get; init; }

    /// <summary>How many are admitted per interval; null for no limit.</summary>
    [Id(1)]
    public int? AdmitCount { get; init; }

    /// <summary>The length of an interval; intervals are fixed windows that start when the queue opens or resumes.</summary>
    [Id(2)]
    public required TimeSpan AdmitEvery { get; init; }

    /// <summary>How many may be ACTIVE at once; null for no cap.</summary>
    [Id(3)]
    public int? MaxActive { get; init; }

    /// <summary>Whether a free place is filled at once; else only at the start of an interval.</summary>
    [Id(4)]
    public required bool AdmitOnPoll { get; init; }

    /// <summary>How long a token is ACTIVE at the most, holds apart.</summary>
    [Id(5)]
    public required TimeSpan ActiveTtl { get; init; }

    /// <summary>An ACTIVE token unseen for so long ends; null for never.</summary>
    [Id(6)]
    public TimeSpan? ActiveIdleTimeout { get; init; }

    /// <summary>A WAITING token unseen for so long ends; null for never.</summary>
    [Id(7)]
    public TimeSpan? WaitingIdleTimeout { get; init; }

    [Id(8)]
    public required WalletGate WalletGate { get; init; }

    [Id(9)]
    public required BrowseGate BrowseGate { get; init; }

    /// <summary>The members out of bounds, by their names on the wire, each with what is allowed.</summary>
    public IEnumerable<(string Member, string Allowed)> Violations()
    {
        if (AdmitCount is < 1 or > 1_000_000)
        {
            yield return ("admitCount", "1 to 1000000, or null for no limit");
        }

        if (AdmitEvery < TimeSpan.FromSeconds(0.1) || AdmitEvery > TimeSpan.FromHours(1))
        {
            yield return ("admitEvery", "PT0.1S to PT1H");
        }

        if (MaxActive is < 1 or > 1_000_000)
        {
            yield return ("maxActive", "1 to 1000000, or null for no cap");
        }

        if (!Durations.IsSecondToDay(ActiveTtl))
        {
            yield return ("activeTtl", Durations.SecondToDay);
        }

        if (ActiveIdleTimeout is { } active && !Durations.IsSecondToDay(active))
        {
            yield return ("activeIdleTimeout", Durations.SecondToDay + ", or null for never");
        }

        if (WaitingIdleTimeout is { } waiting && !Durations.IsSecondToDay(waiting))
        {
            yield return ("waitingIdleTimeout", Durations.SecondToDay + ", or null for never");
        }
    }
}
