using System.Text.Json;

namespace OrleansConcert.Faults;

/// <summary>Compares what a restarted server shows with everything that the one before it acknowledged.</summary>
internal sealed class Inspection(Client client, Sale sale, IReadOnlyList<Buyer> buyers, Findings findings, Random random)
{
    private const int RepeatsEach = 4;

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    /// <summary>How soon after a start unfinished work is finished, and a moment to be seen.</summary>
    public TimeSpan Soon { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether it is no other server: it lived on without its store.</summary>
    public bool IsSameServer { get; init; }

    /// <summary>What was charged by users who are no buyers.</summary>
    public long OthersCharged { get; init; }

    /// <summary>All of it; afterwards nothing is pending any more.</summary>
    /// <param name="order">The waiting places in their order as last inspected.</param>
    /// <returns>The waiting places in their order now.</returns>
    public async Task<List<Place>> Inspect(IReadOnlyList<Place> order)
    {
        await ForEach(Resolve);
        await ForEach(InspectWallet);
        await ForEach(InspectReservations);
        await ForEach(Repeat);
        NoSeatIsSoldTwice();
        foreach (var schedule in sale.Schedules)
        {
            await findings.Eventually(Freshness, () => WrongSeat(schedule));
        }

        var waiting = new List<Place>();
        await findings.Eventually(Freshness, async () => WrongPlace(order, waiting = await Waiting()));
        await findings.Eventually(Soon, WrongAudit);
        return waiting;
    }

    private Task ForEach(Func<Buyer, Task> look) => Parallel.ForEachAsync(
        buyers, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (buyer, _) => await look(buyer));

    /// <summary>A payment in flight comes to its end with nobody asking; then, or at once, the same key finds or does the call.</summary>
    private async Task Resolve(Buyer buyer)
    {
        if (buyer.BeingPaid is { } reservation && int.IsEvenInteger(buyer.Acknowledged))
        {
            await findings.Eventually(Soon, async () =>
                (await Show(reservation, buyer))?.Json.Text("status") == "PAYING" ? $"{reservation.Id} stays PAYING" : null);
        }

        await findings.Eventually(Soon, async () =>
            buyer.HasPending && (!await buyer.Step(client) || buyer.HasPending) ? $"{buyer.UserId} gets no answer to a repeat" : null);
    }

    private async Task InspectWallet(Buyer buyer)
    {
        const string Wallet = "/v1/users/me/wallet";
        var balance = (await client.Ask(Get(Wallet, buyer))).Number("balance");
        findings.Unless(balance == buyer.Balance, $"{buyer.UserId} has {balance}, and was told {buyer.Balance}");

        var sum = 0L;
        var (charges, payments) = (0, 0);
        foreach (var entry in (await client.All(Wallet + "/entries", "entries", buyer.Access)).AsEnumerable().Reverse())
        {
            var amount = entry.Number("amount");
            sum += amount;
            var isCharge = entry.Text("kind") == "CHARGE"
                && buyer.Charges.TryGetValue(entry.Text("entryId"), out var charged) && charged == amount;
            var isPayment = entry.Text("kind") == "PAYMENT"
                && buyer.Payments.TryGetValue(entry.Text("paymentId"), out var paid)
                && paid.Number("amount") == -amount && paid.Number("balanceAfter") == sum;
            (charges, payments) = (charges + (isCharge ? 1 : 0), payments + (isPayment ? 1 : 0));
            findings.Unless(
                (isCharge || isPayment) && entry.Number("balanceAfter") == sum,
                $"{buyer.UserId} has an entry nobody told of: {entry}");
        }

        findings.Unless(
            charges == buyer.Charges.Count && payments == buyer.Payments.Count && sum == buyer.Balance,
            $"{buyer.UserId}: of {buyer.Charges.Count} charges {charges} and of {buyer.Payments.Count} payments {payments} are entries");

        // While the store was away a payment may have been answered whose receipt could not be written; that is done again.
        List<JsonElement> receipts = [];
        await findings.Eventually(IsSameServer ? Soon : TimeSpan.Zero, async () =>
        {
            receipts = await client.All("/v1/users/me/payments", "payments", buyer.Access);
            var (there, told) = (receipts.Count, buyer.Payments.Count);
            return there == told ? null : $"{buyer.UserId} has {there} receipts of {told}";
        });
        foreach (var receipt in receipts)
        {
            findings.Unless(
                buyer.Payments.TryGetValue(receipt.Text("paymentId"), out var told) && JsonElement.DeepEquals(told, receipt),
                $"{buyer.UserId} was not told {receipt}, but {told}");
        }
    }

    private async Task InspectReservations(Buyer buyer)
    {
        foreach (var reservation in buyer.Reservations.Where(one => !one.IsClosed))
        {
            // Only what a token's end has yet to reach is looked at twice.
            await findings.Eventually(reservation.Fate == Fate.Dropped ? Soon : TimeSpan.Zero, async () =>
            {
                var hadLapsed = reservation.MustHaveLapsed;
                return await Show(reservation, buyer) is { } shown ? reservation.Wrong(shown, hadLapsed) : $"{reservation.Id}: no answer";
            });
            reservation.IsClosed = !reservation.IsOpenHold || reservation.MustHaveLapsed;
        }
    }

    /// <summary>The newest answers and one of old get the same bytes again.</summary>
    private async Task Repeat(Buyer buyer)
    {
        var some = buyer.Answered.TakeLast(RepeatsEach).ToList();
        if (some.Count > 0)
        {
            some.Add(buyer.Answered[Chance(buyer.Answered.Count)]);
        }

        foreach (var (request, first) in some)
        {
            var again = await client.Send(request);
            findings.Unless(
                again is { Replayed: true } && again.Status == first.Status && again.Bytes.AsSpan().SequenceEqual(first.Bytes),
                $"{request} was answered {first} and is answered {again}, replayed: {again?.Replayed}");
        }
    }

    private void NoSeatIsSoldTwice()
    {
        var sold = buyers.SelectMany(buyer => buyer.Reservations).Where(one => one.Fate == Fate.Paid)
            .SelectMany(one => one.Seats.Select(seat => (one.ScheduleId, seat)));
        foreach (var twice in sold.GroupBy(seat => seat).Where(owners => owners.Count() > 1))
        {
            findings.Add($"{twice.Key} is sold {twice.Count()} times");
        }
    }

    /// <summary>A seat of the map is SOLD where a payment says so, HELD where a live hold does, else AVAILABLE.</summary>
    private async Task<string?> WrongSeat(string schedule)
    {
        var viewer = buyers.FirstOrDefault(buyer => buyer.Place is not null);
        if (viewer is null)
        {
            return null;
        }

        var expected = new Dictionary<string, Reservation>();
        foreach (var one in buyers.SelectMany(buyer => buyer.Reservations)
            .Where(one => one.ScheduleId == schedule && (one.Fate == Fate.Paid || (one.IsOpenHold && !one.MustHaveLapsed))))
        {
            one.Seats.ToList().ForEach(seat => expected[seat] = one);
        }

        var map = await client.Ask(Get($"/v1/schedules/{schedule}/seats", viewer) with { Queue = viewer.Place!.Token });
        return map.GetProperty("seats").EnumerateArray()
            .Select(seat => (Id: seat.Text("seatId"), Status: seat.Text("status")))
            .Where(seat => !IsRight(seat.Status, expected.GetValueOrDefault(seat.Id)))
            .Select(seat => $"{seat.Id} of {schedule} is {seat.Status}, and was {expected.GetValueOrDefault(seat.Id)?.Fate}")
            .FirstOrDefault();
    }

    private static bool IsRight(string status, Reservation? owner) => (owner?.Fate, status) switch
    {
        (null, "AVAILABLE") or (Fate.Paid, "SOLD") or (Fate.Held or Fate.Reserved, "HELD") => true,
        (Fate.Held or Fate.Reserved, "AVAILABLE") => owner!.MayHaveLapsed,
        _ => false,
    };

    private async Task<List<Place>> Waiting()
    {
        var places = buyers.Select(buyer => buyer.Place).OfType<Place>().ToList();
        foreach (var place in places)
        {
            var shown = await client.Ask(new(HttpMethod.Get, "/v1/queue-tokens/me") { Queue = place.Token });
            if (place.See(shown) is { } wrong)
            {
                findings.Add(wrong);
            }
        }

        findings.Unless(places.Count(place => place.IsActive) <= Sale.MaxActive, "more are ACTIVE than there are places");
        return [.. places.Where(place => !place.IsActive).OrderBy(place => place.Position)];
    }

    /// <summary>The positions of those who wait are 1, 2, 3 ...; who was before somebody still is, or is in already.</summary>
    private string? WrongPlace(IReadOnlyList<Place> before, List<Place> waiting)
    {
        if (!waiting.Select(place => place.Position).SequenceEqual(Enumerable.Range(1, waiting.Count).Select(at => (long)at)))
        {
            return $"the positions are {string.Join(' ', waiting.Select(place => $"{place.UserId}:{place.Position}"))}";
        }

        var kept = waiting.Where(before.Contains).ToList();
        if (!kept.SequenceEqual(before.Where(waiting.Contains)))
        {
            return $"the order was {Names(before)} and is {Names(waiting)}";
        }

        var jumped = buyers.Select(buyer => buyer.Place).OfType<Place>()
            .SelectMany(place => waiting.Where(other => other.Told < place.Asked && other.Position >= place.Position && other != place)
                .Select(other => $"{place.UserId} at {place.Position} jumped {other.UserId} at {other.Position}"));
        return jumped.FirstOrDefault();
    }

    private async Task<string?> WrongAudit()
    {
        var audit = await client.Ask(new(HttpMethod.Get, "/v1/admin/audit/invariants") { Access = sale.Admin });
        var totals = audit.GetProperty("totals");
        var payments = buyers.SelectMany(buyer => buyer.Payments.Values).ToList();
        var isRight = audit.GetProperty("ok").GetBoolean()
            && totals.Number("charged") == OthersCharged + buyers.Sum(buyer => buyer.Charges.Values.Sum())
            && totals.Number("paid") == payments.Sum(payment => payment.Number("amount"))
            && totals.Number("payments") == payments.Count
            && totals.Number("soldSeats") == payments.Sum(payment => payment.GetProperty("seats").GetArrayLength());
        return isRight ? null : $"the audit says {audit}";
    }

    private static string Names(IEnumerable<Place> places) => string.Join(' ', places.Select(place => place.UserId));

    private static Request Get(string path, Buyer buyer) => new(HttpMethod.Get, path) { Access = buyer.Access };

    private Task<Reply?> Show(Reservation reservation, Buyer buyer) => client.Send(Get($"/v1/reservations/{reservation.Id}", buyer));

    private int Chance(int below)
    {
        lock (random)
        {
            return random.Next(below);
        }
    }
}
