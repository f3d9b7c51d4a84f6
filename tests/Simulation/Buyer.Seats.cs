namespace OrleansConcert.Simulation;

/// <summary>What a buyer does with seats.</summary>
internal sealed partial class Buyer
{
    private async Task Hold()
    {
        // The edge lets only ACTIVE ones through; some calls overtake the end of their token.
        if (_random.Next(4) > 0 && await Look() is not { Status: TokenStatus.Active })
        {
            return;
        }

        if (_token is not { } token)
        {
            return;
        }

        var schedule = world.Schedules[_random.Next(world.Schedules.Length)];
        var request = _random.Next(3) == 0
            ? new HoldRequest(userId, token.Ticket, [], _random.Next(1, 4), _random.Next(4) == 0 ? "A" : null)
            : new HoldRequest(userId, token.Ticket, SomeSeats(), 0, null);
        world.Claims.MayHold(userId);
        await Keyed(
            $"hold {request.BestCount} {string.Join(' ', request.Seats)} of {schedule}",
            (grains, repeat) => Schedule(grains, schedule).Hold(request, repeat),
            view =>
            {
                world.Break(view.ExpiresAt <= view.HeldAt ? $"a hold was dead when it was born: {view}" : null);
                world.Claims.Add($"hold {view.ReservationId}", books =>
                    books.Holds.TryGetValue(view.ReservationId, out var held) && held.UserId == userId && held.Amount == view.Amount
                    && held.ExpiresAt == view.ExpiresAt && held.Seats.SequenceEqual(view.Seats.Select(seat => seat.SeatId)));
            },
            view =>
            {
                _held.Add(view);
                _deadline = view.ExpiresAt;
            });
    }

    private async Task Confirm()
    {
        if (Any() is not { } reservation)
        {
            return;
        }

        var id = reservation.ReservationId;
        await Keyed($"confirm {id}", (grains, repeat) => ScheduleOf(grains, id).Confirm(id, userId, repeat), _ =>
            world.Claims.Add($"{id} was confirmed", books => books.Lives[id].Exists(happened => happened is HoldConfirmed)));
    }

    private async Task Release()
    {
        if (Any() is not { } reservation)
        {
            return;
        }

        var id = reservation.ReservationId;
        var told = await Ask($"release {id}", null, (grains, _) => ScheduleOf(grains, id).Release(id, userId));
        if (told?.Value is not null)
        {
            world.Claims.Add($"{id} was released", books => books.Lives[id].Exists(happened => happened is HoldReleased));
        }
    }

    private async Task Pay()
    {
        if (Any() is not { } reservation)
        {
            return;
        }

        if (_random.Next(4) > 0)
        {
            await Look();
        }

        if (world.Policy.ExplicitReserve && _random.Next(4) > 0)
        {
            await Confirm();
        }

        if (_random.Next(6) == 0)
        {
            await UntilAbout(reservation.ExpiresAt);
        }

        world.BeginPayment();
        var id = reservation.ReservationId;
        var request = _random.Next(3) == 0
            ? new PayRequest(userId, null, [.. reservation.Seats.Select(seat => seat.SeatId).Reverse()])
            : new PayRequest(userId, id, []);
        if (_random.Next(8) == 0)
        {
            await Task.WhenAll(PayOnce(id, request), PayOnce(id, new(userId, id, [])), Read());
            return;
        }

        await Keyed(
            $"pay {request.ReservationId} {string.Join(' ', request.Seats)}",
            (grains, repeat) => ScheduleOf(grains, id).Pay(request, repeat),
            Paid);
    }

    /// <summary>Without a key: a second one is refused, or pays nothing more.</summary>
    private async Task PayOnce(string id, PayRequest request)
    {
        var told = await Ask($"pay {id} without a key", null, (grains, _) => ScheduleOf(grains, id).Pay(request, null));
        if (told?.Value is { } view)
        {
            Paid(view);
        }
    }

    private void Paid(PaymentView view)
    {
        world.Paid.Add(view.PaymentId);
        world.Claims.Add($"{view}", books => IsSale(books, view));
    }

    private bool IsSale(Books books, PaymentView view) =>
        books.Sales.TryGetValue(view.PaymentId, out var sale)
        && books.Debits.TryGetValue(view.PaymentId, out var debit)
        && books.Holds[sale.ReservationId].UserId == userId
        && books.Holds[sale.ReservationId].Seats.SequenceEqual(view.Seats.Select(seat => seat.SeatId))
        && (sale.ReservationId, sale.At, sale.BalanceAfter) == (view.ReservationId, view.PaidAt, view.BalanceAfter)
        && (debit.Amount, debit.Balance) == (view.Amount, view.BalanceAfter);

    /// <summary>What was seen never un-happens.</summary>
    private async Task Read()
    {
        switch (_random.Next(4))
        {
            case 0:
                if (await world.Ask(userId, "wallet", grains => Wallet(grains).Get()) is { Balance: > 0 and var balance })
                {
                    world.Claims.Add($"{userId} had {balance}", books => books.Balances.Contains((userId, balance)));
                }

                break;
            case 1 when Any() is { ReservationId: var id }:
                if ((await Ask($"find {id}", null, (grains, _) => ScheduleOf(grains, id).Find(id, userId)))?.Value is { } view)
                {
                    ClaimStatus(id, view.Status);
                }

                break;
            case 2:
                await Map(world.Schedules[_random.Next(world.Schedules.Length)]);
                break;
            default:
                await world.Ask(userId, "concert", grains => grains.GetGrain<IConcertGrain>(World.ConcertId).Schedules());
                break;
        }
    }

    private async Task Map(string schedule)
    {
        // The map as they know it, and what changed since.
        var known = _maps.GetValueOrDefault(schedule) ?? new(-1, Instant.Epoch, []);
        var map = await world.Ask(
            userId, $"map {schedule} since {known.Version}", async grains => await Schedule(grains, schedule).Map(known.Version) ?? known);
        if (map is null)
        {
            return;
        }

        if (!map.IsWhole)
        {
            var folded = known.Statuses.ToBuilder();
            map.Changes.ToList().ForEach(change => folded[change.Seat] = (byte)change.Status);
            map = map with { Statuses = folded.ToImmutable(), Changes = [] };
        }

        _maps[schedule] = map;
        var plan = new SeatPlan(world.Sections);
        ImmutableArray<(string, SeatStatus)> seats =
            [.. map.Statuses.Select((status, seat) => (plan.SeatAt(seat).ToString(), (SeatStatus)status))];
        world.Claims.Add($"{schedule} was {Telling.Of(map)}", books => books.Seats.Were(schedule, map.Version, seats));
    }

    private void ClaimStatus(string id, ReservationStatus status) => world.Claims.Add($"{id} was {status}", books =>
        books.Lives.TryGetValue(id, out var life) && life.Exists(happened => status switch
        {
            ReservationStatus.Held => happened is SeatsHeld,
            ReservationStatus.Expired => happened is HoldLapsed,
            ReservationStatus.Reserved => happened is HoldConfirmed,
            ReservationStatus.Paying => happened is PaymentStarted,
            ReservationStatus.Paid => happened is SeatsSold,
            ReservationStatus.Cancelled => happened is HoldReleased,
            ReservationStatus.Refunded => happened is PaymentRefunded,
        }));

    private void ClaimRefusal(string what, Refused refused, Instant asked)
    {
        var (with, told) = (refused.With, world.Now);
        switch (refused)
        {
            case SeatRefused { Reason: SeatRefusal.SeatsTaken } when what.StartsWith("hold", StringComparison.Ordinal):
                var schedule = what.Split(" of ")[1].Split(' ')[0];
                foreach (var seat in with.Seats)
                {
                    world.Claims.Add($"{seat} of {schedule} was taken", books => books.Seats.WasTaken(schedule, seat, asked, told));
                }

                break;
            case SeatRefused { Reason: SeatRefusal.AlreadyPaid }:
                world.Claims.Add($"{what}: {refused}", books => books.Sales.ContainsKey(with.PaymentId!));
                break;
            case SeatRefused { Reason: SeatRefusal.PaymentInProgress }:
                world.Claims.Add($"{what}: {refused}", books => books.PaymentsStarted.Contains(with.PaymentId!));
                break;
            case SeatRefused { Reason: SeatRefusal.ReservationNotFound } when what.StartsWith("confirm", StringComparison.Ordinal):
                world.Break($"{userId} was told {refused} of {what}");
                break;
            case WalletRefused { Reason: WalletRefusal.InsufficientBalance }:
                world.Claims.Add($"{what}: {refused}", books =>
                    with.Balance == 0 || books.Balances.Contains((userId, with.Balance!.Value)));
                break;
        }
    }

    private ReservationView? Any() => _held.Count == 0 ? null : _held[Math.Max(_random.Next(_held.Count), _random.Next(_held.Count))];

    private ImmutableArray<string> SomeSeats()
    {
        var plan = new SeatPlan(world.Sections);
        var first = _random.Next(plan.SeatCount);
        var count = Math.Min(_random.Next(1, 4), plan.SeatCount - first);
        return [.. Enumerable.Range(first, count).Select(seat => plan.SeatAt(seat).ToString())];
    }

    private static IScheduleGrain Schedule(IGrainFactory grains, string id) => grains.GetGrain<IScheduleGrain>(id);

    private static IScheduleGrain ScheduleOf(IGrainFactory grains, string reservationId) =>
        Schedule(grains, ScopedId.ScheduleOfReservation(reservationId)!);
}
