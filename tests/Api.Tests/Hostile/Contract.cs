namespace OrleansConcert.Api.Tests.Hostile;

/// <summary>Every call of the contract with its arguments: what hostile requests are made of.</summary>
internal static class Contract
{
    private static readonly Member[] None = [];
    private static readonly Member[] Page = [new("limit", Kind.Limit), new("cursor", Kind.Cursor)];

    private static readonly Member Best =
        new("bestAvailable", Kind.Object, false, new("count", Kind.Count, true), new("section", Kind.SectionName));

    private static readonly Member[] SalePolicy =
    [
        new("holdTtl", Kind.Duration),
        new("explicitReserve", Kind.Flag),
        new("maxSeatsPerHold", Kind.Count),
        new("maxSeatsPerUser", Kind.Count),
        new("tokenPerPayment", Kind.Flag),
    ];

    private static readonly Member[] QueuePolicy =
    [
        new("preset", Kind.Preset),
        new("reissue", Kind.Reissue),
        new("admitCount", Kind.Count),
        new("admitEvery", Kind.Duration),
        new("maxActive", Kind.Count),
        new("admitOnPoll", Kind.Flag),
        new("activeTtl", Kind.Duration),
        new("activeIdleTimeout", Kind.Duration),
        new("waitingIdleTimeout", Kind.Duration),
        new("walletGate", Kind.WalletGate),
        new("browseGate", Kind.BrowseGate),
    ];

    private static readonly Member[] Sections =
    [
        new("name", Kind.SectionName, true),
        new("rows", Kind.Count, true),
        new("seatsPerRow", Kind.Count, true),
        new("price", Kind.Price, true),
    ];

    public static IReadOnlyList<Operation> All { get; } = [.. Open(), .. OfUsers(), .. OfTokens(), .. OfAdmins()];

    private static IEnumerable<Operation> Open()
    {
        yield return new("GET", "/health/live", Gate.Open);
        yield return new("GET", "/health/ready", Gate.Open);
        yield return new("GET", "/v1/concerts", Gate.Open) { Query = Page };
        yield return new("GET", "/v1/concerts/{concertId}", Gate.Open);
        yield return new("POST", "/v1/access-tokens", Gate.Operator)
        {
            Body = [new("userId", Kind.UserId, true), new("roles", Kind.Roles)],
        };
    }

    private static IEnumerable<Operation> OfUsers()
    {
        yield return new("POST", "/v1/queue-tokens", Gate.SignedIn) { Body = [new("queueId", Kind.QueueId), new("force", Kind.Flag)] };
        yield return new("GET", "/v1/reservations/{reservationId}", Gate.User);
        yield return new("DELETE", "/v1/reservations/{reservationId}", Gate.User);
        yield return new("GET", "/v1/users/me/payments", Gate.User) { Query = Page };
        yield return new("GET", "/v1/users/me/reservations", Gate.User) { Query = [.. Page, new("includeExpired", Kind.Flag)] };
        yield return new("GET", "/v1/users/me/wallet", Gate.Wallet);
        yield return new("POST", "/v1/users/me/wallet/charges", Gate.Wallet) { Body = [new("amount", Kind.Amount, true)] };
        yield return new("GET", "/v1/users/me/wallet/entries", Gate.Wallet) { Query = Page };
    }

    private static IEnumerable<Operation> OfTokens()
    {
        yield return new("GET", "/v1/queue-tokens/me", Gate.Token);
        yield return new("GET", "/v1/queue-tokens/me/events", Gate.Token);
        yield return new("DELETE", "/v1/queue-tokens/me", Gate.Token);
        yield return new("GET", "/v1/concerts/{concertId}/schedules", Gate.Browse) { Query = [new("bookable", Kind.Flag)] };
        yield return new("GET", "/v1/concerts/{concertId}/dates", Gate.Browse);
        yield return new("GET", "/v1/schedules/{scheduleId}/seats", Gate.Browse)
        {
            Query = [new("status", Kind.Available), new("since", Kind.Version)],
        };
        yield return new("GET", "/v1/schedules/{scheduleId}/seats/events", Gate.Browse) { Query = [new("since", Kind.Version)] };
        yield return new("GET", "/v1/concerts/{concertId}/seats", Gate.Browse)
        {
            Query = [new("date", Kind.Date, true), new("status", Kind.Available)],
        };
        yield return new("POST", "/v1/schedules/{scheduleId}/holds", Gate.Active) { Body = [new("seats", Kind.Seats), Best] };
        yield return new("POST", "/v1/concerts/{concertId}/holds", Gate.Active)
        {
            Body = [new("date", Kind.Date, true), new("seats", Kind.Seats), Best],
        };
        yield return new("POST", "/v1/reservations/{reservationId}/confirm", Gate.Active) { Body = None };
        yield return new("POST", "/v1/payments", Gate.Active)
        {
            Body = [new("reservationId", Kind.ReservationId), new("scheduleId", Kind.ScheduleId), new("seats", Kind.Seats)],
        };
    }

    private static IEnumerable<Operation> OfAdmins()
    {
        yield return new("POST", "/v1/admin/users", Gate.Admin) { Body = [new("userId", Kind.UserId, true)] };
        yield return new("DELETE", "/v1/admin/users/{userId}", Gate.Admin);
        yield return new("GET", "/v1/admin/cluster", Gate.Admin);
        yield return new("GET", "/v1/admin/queues", Gate.Admin);
        yield return new("GET", "/v1/admin/queues/{queueId}", Gate.Admin);
        yield return new("PUT", "/v1/admin/queues/{queueId}", Gate.Admin) { Body = QueuePolicy };
        yield return new("POST", "/v1/admin/queues/{queueId}/pause", Gate.Admin) { Body = None };
        yield return new("POST", "/v1/admin/queues/{queueId}/resume", Gate.Admin) { Body = None };
        yield return new("POST", "/v1/admin/queues/{queueId}/drain", Gate.Admin) { Body = None };
        yield return new("POST", "/v1/admin/queues/{queueId}/tokens/end", Gate.Admin)
        {
            Body = [new("userId", Kind.UserId, true), new("why", Kind.Sentence, true)],
        };
        yield return new("POST", "/v1/admin/concerts", Gate.Admin)
        {
            Body =
            [
                new("concertId", Kind.Id, true), new("title", Kind.Title, true), new("queueId", Kind.QueueId),
                new("timeZone", Kind.Zone), new("policy", Kind.Object, false, SalePolicy),
            ],
        };
        yield return new("POST", "/v1/admin/concerts/{concertId}/schedules", Gate.Admin)
        {
            Body =
            [
                new("scheduleId", Kind.Id, true), new("startsAt", Kind.Instant, true), new("salesOpenAt", Kind.Instant),
                new("salesCloseAt", Kind.Instant), new("sections", Kind.Objects, true, Sections),
            ],
        };
        yield return new("POST", "/v1/admin/payments/{paymentId}/refund", Gate.Admin) { Body = [new("why", Kind.Sentence, true)] };
        yield return new("GET", "/v1/admin/audit/invariants", Gate.Admin);
        yield return new("GET", "/v1/admin/audit/seats/{scheduleId}/{seatId}", Gate.Admin);
        yield return new("GET", "/v1/admin/audit/users/{userId}/tokens", Gate.Admin);
    }
}
