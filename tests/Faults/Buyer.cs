using System.Text.Json;
using OrleansConcert.Faults.Linearizability;

namespace OrleansConcert.Faults;

/// <summary>
/// One user who shops at random, one call at a time, and remembers every acknowledgement. A call that was not answered stays
/// pending and is sent again, with the same key, until it is.
/// </summary>
/// <param name="histories">Where it notes what it did to seats.</param>
internal sealed partial class Buyer(
    string userId, string access, Sale sale, SeatHistories histories, Findings findings, Random random)
{
    private const long Plenty = 300_000;
    private const int HoldsAtOnce = 3;

    private static readonly TimeSpan PollPause = TimeSpan.FromMilliseconds(15);

    private int _keys;
    private Attempt? _pending;
    private Place? _paidWith;

    public string UserId => userId;

    public string Access => access;

    public Place? Place { get; private set; }

    public long Balance { get; private set; }

    public List<Reservation> Reservations { get; } = [];

    /// <summary>Amounts by entry.</summary>
    public Dictionary<string, long> Charges { get; } = [];

    /// <summary>The answers of payments, by id.</summary>
    public Dictionary<string, JsonElement> Payments { get; } = [];

    /// <summary>Every call that was answered under a key, with its first answer.</summary>
    public List<(Request Request, Reply Reply)> Answered { get; } = [];

    public int Acknowledged { get; private set; }

    public bool HasPending => _pending is not null;

    /// <summary>The reservation whose payment was asked for and not answered.</summary>
    public Reservation? BeingPaid => _pending is { Kind: Kind.Pay } attempt ? attempt.Reservation : null;

    /// <summary>Signs so many users in.</summary>
    public static async Task<List<Buyer>> SignIn(
        int count, Client client, Sale sale, SeatHistories histories, Findings findings, Random random)
    {
        var buyers = new List<Buyer>();
        for (var number = 1; number <= count; number++)
        {
            var userId = $"user-{number}";
            buyers.Add(new(userId, await client.SignIn(userId), sale, histories, findings, new Random(random.Next())));
        }

        return buyers;
    }

    /// <summary>Lets all of them shop while something happens.</summary>
    public static async Task ShopWhile(IReadOnlyList<Buyer> buyers, Client client, Func<Task> somethingHappens)
    {
        using var stop = new CancellationTokenSource();
        var shopping = Task.WhenAll(buyers.Select(buyer => buyer.Shop(client, stop.Token)));
        try
        {
            await somethingHappens();
        }
        finally
        {
            await stop.CancelAsync();
            await shopping;
        }
    }

    /// <summary>Shops until told to stop, or until a call is not answered.</summary>
    public async Task Shop(Client client, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && await Step(client))
        {
            if (Place is { IsActive: false })
            {
                await Task.Delay(PollPause, CancellationToken.None);
            }
        }
    }

    /// <summary>Makes one call, the pending one first; false where no answer came.</summary>
    public async Task<bool> Step(Client client)
    {
        var attempt = _pending ??= Choose() with { Call = histories.Now };
        attempt.Sent++;
        if (await client.Send(attempt.Request) is not { } reply)
        {
            return false;
        }

        if (!reply.IsOpen)
        {
            _pending = null;
            Take(attempt, reply);
            Note(attempt, reply);
            sale.Count();
            Acknowledged++;
        }

        return true;
    }

    private Attempt Choose()
    {
        var dice = random.Next(100);
        if (Place is not { } place)
        {
            return dice < 15 ? Charge() : new(Kind.Join, Post("/v1/queue-tokens", "{}")) { Asked = sale.Tick() };
        }

        if (!place.IsActive)
        {
            return dice switch
            {
                < 20 => Charge(),
                < 23 => Leave(place),
                _ => new(Kind.Poll, new(HttpMethod.Get, "/v1/queue-tokens/me") { Access = access, Queue = place.Token }),
            };
        }

        if (Balance < Plenty)
        {
            return Charge();
        }

        var holds = Reservations.Where(one => one.Place == place && one.IsOpenHold).ToList();
        if (holds.Count == 0 || (dice < 25 && holds.Count < HoldsAtOnce))
        {
            var schedule = sale.AnySchedule(random);
            return new(Kind.Hold, Post($"/v1/schedules/{schedule}/holds", AnySeats(), place)) { Schedule = schedule };
        }

        var hold = holds[random.Next(holds.Count)];
        return dice switch
        {
            < 40 => new(Kind.Confirm, Post($"/v1/reservations/{hold.Id}/confirm", null, place)) { Reservation = hold },
            < 50 => new(Kind.Release, new(HttpMethod.Delete, $"/v1/reservations/{hold.Id}") { Access = access }) { Reservation = hold },
            < 54 => Leave(place),
            < 60 => Charge(),
            _ => new(Kind.Pay, Post("/v1/payments", Payment(hold), place)) { Reservation = hold },
        };
    }

    private Attempt Charge()
    {
        var amount = random.Next(1, 500_000);
        return new(Kind.Charge, Post("/v1/users/me/wallet/charges", $$"""{"amount":{{amount}}}""")) { Amount = amount };
    }

    private Attempt Leave(Place place) =>
        new(Kind.Leave, new(HttpMethod.Delete, "/v1/queue-tokens/me") { Access = access, Queue = place.Token });

    private string AnySeats()
    {
        var count = random.Next(1, 5);
        if (random.Next(2) == 0)
        {
            return $$$"""{"bestAvailable":{"count":{{{count}}}}}""";
        }

        var (row, first) = (random.Next(1, Sale.Rows + 1), random.Next(1, Sale.SeatsPerRow - count));
        return JsonSerializer.Serialize(new { seats = Enumerable.Range(first, count).Select(seat => $"A-{row}-{seat}") });
    }

    /// <summary>By its id or by its seats; not by seats of which there was another hold, for those are the live one's.</summary>
    private string Payment(Reservation hold) => random.Next(3) == 0 && Reservations.Count(hold.HasSeatsOf) == 1
        ? JsonSerializer.Serialize(new { scheduleId = hold.ScheduleId, seats = hold.Seats })
        : $$"""{"reservationId":"{{hold.Id}}"}""";

    private Request Post(string path, string? body, Place? place = null) =>
        new(HttpMethod.Post, path) { Body = body, Access = access, Queue = place?.Token, Key = $"{userId}-{++_keys}" };

    private void Take(Attempt attempt, Reply reply)
    {
        if (reply.IsSuccess && attempt.Request.Key is not null)
        {
            Answered.Add((attempt.Request, reply));
        }

        var isExpected = reply.IsSuccess ? Done(attempt, reply) : Refused(attempt, reply);
        findings.Unless(isExpected, $"{userId} did {attempt.Kind} and was answered {reply}; balance {Balance}, {attempt.Request}");
    }

    private bool Done(Attempt attempt, Reply reply)
    {
        switch (attempt.Kind)
        {
            case Kind.Join:
                var told = reply.Json;
                if (reply.Status == 200 && told.Text("token") == _paidWith?.Token)
                {
                    // The store was lost between the sale and the token's end, which is made up for soon.
                    return true;
                }

                Place = new(told.Text("token"), userId, attempt.Asked, sale.Tick());
                return reply.Status == 201 && Place.See(told) is null;
            case Kind.Poll:
                return Place!.See(reply.Json) is null;
            case Kind.Leave:
                EndPlace(attempt.Call);
                return true;
            case Kind.Charge:
                Balance += attempt.Amount;
                return Charges.TryAdd(reply.Json.Text("entryId"), attempt.Amount) && reply.Json.Number("balance") == Balance;
            case Kind.Hold:
                Reservations.Add(new(reply.Json, Place!));
                histories.Held(attempt.Call, Reservations[^1].Id, Reservations[^1].SeatsOfSchedule, Reservations[^1].ExpiresAt);
                return reply.Json.Text("status") == "HELD" && reply.Json.Text("userId") == userId;
            case Kind.Confirm:
                attempt.Reservation!.Fate = Fate.Reserved;
                return reply.Json.Time("expiresAt") == attempt.Reservation.ExpiresAt;
            case Kind.Release:
                attempt.Reservation!.Fate = Fate.Released;
                return true;
            case Kind.Pay:
                var paid = attempt.Reservation!;
                paid.Fate = Fate.Paid;
                Balance -= paid.Amount;
                _paidWith = Place;
                EndPlace(attempt.Call);
                return Payments.TryAdd(reply.Json.Text("paymentId"), reply.Json)
                    && reply.Json.Number("balanceAfter") == Balance
                    && reply.Json.Text("tokenStatus") == "DONE"
                    && reply.Json.Seats().SequenceEqual(paid.Seats);
            default:
                return false;
        }
    }

    private bool Refused(Attempt attempt, Reply reply)
    {
        switch (attempt.Kind, reply.Code)
        {
            case (Kind.Hold, "SEATS_TAKEN" or "NOT_ENOUGH_SEATS"):
                return true;
            case (Kind.Leave, "TOKEN_ENDED"):
                // Asked a second time: the first was done, and its answer lost.
                EndPlace(attempt.Call);
                return reply.Json.Text("reason") == "LEFT";
            case (Kind.Pay, "INSUFFICIENT_BALANCE"):
                return reply.Json.Number("balance") == Balance && Balance < attempt.Reservation!.Amount;
            case (Kind.Pay or Kind.Confirm or Kind.Release, "HOLD_EXPIRED"):
                attempt.Reservation!.Fate = Fate.Lapsed;
                return attempt.Reservation.MayHaveLapsed;
            default:
                return false;
        }
    }

    private void EndPlace(long call)
    {
        foreach (var hold in Reservations.Where(one => one.Place == Place && one.IsOpenHold))
        {
            hold.Fate = Fate.Dropped;
            histories.Perhaps(call, Act.Release, hold.Id, hold.SeatsOfSchedule);
        }

        Place = null;
    }

    private enum Kind
    {
        Join,
        Poll,
        Leave,
        Charge,
        Hold,
        Confirm,
        Release,
        Pay,
    }

    private sealed record Attempt(Kind Kind, Request Request)
    {
        public Reservation? Reservation { get; init; }

        public long Amount { get; init; }

        public long Asked { get; init; }

        /// <summary>The schedule whose seats are asked for.</summary>
        public string Schedule { get; init; } = "";

        /// <summary>When it was sent first, by the clock of the histories.</summary>
        public long Call { get; init; }

        /// <summary>How often it was sent.</summary>
        public int Sent { get; set; }
    }
}
