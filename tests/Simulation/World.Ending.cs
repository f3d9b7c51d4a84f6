namespace OrleansConcert.Simulation;

/// <summary>What must hold once nothing goes wrong any more.</summary>
internal sealed partial class World
{
    /// <summary>
    /// After misfortune is over: what was begun ends, what is in memory is what was written, nothing outlives its deadline.
    /// </summary>
    private async Task Ending()
    {
        History.Add("--- no more misfortune");
        await Delay(Grace);
        CheckWhole();
        var books = Books;
        Unsettled(books);
        await PositionsAreExact(books);
        await MapsAreExact(books);

        History.Add("--- the doors are opened");
        var queue = Site.Grains!.GetGrain<IWaitingQueueGrain>(QueueId);
        await queue.SetMode(QueueMode.Open, null);
        await queue.Put("open", Policies.Open);
        await Delay(Policies.LongestActive + Policies.LongestHold + Queueing.PermitSlack + Grace);
        CheckWhole();
        Unsettled(books);
        NothingLives(books);
        if (Random.Next(2) == 0)
        {
            History.Add("--- stop");
            await Site.Stop();
        }
        else
        {
            Site.Crash(powerCut: true);
        }

        History.Add("--- the last start");
        await Site.Start();
        await HistoriesAreWhole(books);
        await AnswersAreKept();
        CheckWhole();
        History.Add("--- the last stop");
        await Site.Stop();
    }

    private void Unsettled(Books books)
    {
        foreach (var (id, schedule) in books.Schedules)
        {
            var left = schedule.Unsettled().FirstOrDefault();
            Break(left is null ? null : $"{left.Payment} of {left.Id} in {id} is not settled");
        }
    }

    private void NothingLives(Books books)
    {
        var hold = books.Schedules.Values.SelectMany(schedule => schedule.Reservations()).FirstOrDefault(
            reservation => reservation.Status is not (ReservationStatus.Paid or ReservationStatus.Refunded
                or ReservationStatus.Expired or ReservationStatus.Cancelled));
        Break(hold is null ? null : $"{hold.Id} is {hold.Status}, and should have ended at {hold.ExpiresAt}");
        var token = books.Queues[QueueId].Tokens().FirstOrDefault(token => token.IsLive);
        Break(token is null ? null : $"ticket {token.Ticket} is {token.Status}, and should have ended at {token.ExpiresAt}");
    }

    private async Task PositionsAreExact(Books books)
    {
        var line = books.Queues[QueueId].Line.FromFront().ToArray();
        foreach (var boards in line.Length > 0 ? Site.Boards : [])
        {
            var (last, joined) = (line[^1], books.Joins[line[^1]]);
            var shown = (await boards.Sight(new(QueueId, last, joined.UserId, joined.Nonce)))?.Token.Position ?? 0;
            Break(shown <= line.Length && (shown == line.Length || Now > joined.At)
                ? null
                : $"ticket {last} stands at {line.Length} and is shown {shown}");
        }

        for (var place = 0; place < line.Length; place++)
        {
            var sight = await Site.Grains!.GetGrain<IWaitingQueueGrain>(QueueId).Look(line[place], books.Nonces[line[place]][^1]);
            var position = sight?.Token.Status == TokenStatus.Waiting ? sight.Token.Position : 0;
            Break(position <= place + 1 && (position == place + 1 || position < place + 1 && Now > books.Joins[line[0]].At)
                ? null
                : $"ticket {line[place]} stands at {place + 1} and is shown {sight?.Token}");
        }
    }

    private async Task MapsAreExact(Books books)
    {
        foreach (var (id, schedule) in books.Schedules)
        {
            var map = (await Site.Grains!.GetGrain<IScheduleGrain>(id).Map(-1))!.Statuses;
            var seat = Enumerable.Range(0, map.Length).FirstOrDefault(seat => map[seat] != (byte)schedule.StatusOf(seat), -1);
            Break(seat < 0
                ? null
                : $"{schedule.Plan.SeatAt(seat)} of {id} is {schedule.StatusOf(seat)}, and the map shows {(SeatStatus)map[seat]}");
        }
    }

    private async Task HistoriesAreWhole(Books books)
    {
        foreach (var user in books.Joins.Values.Select(joined => joined.UserId).Distinct().Order(StringComparer.Ordinal))
        {
            var wallet = Site.Grains!.GetGrain<IWalletGrain>(user);
            var entries = (await wallet.Entries(0, 1_000)).Items;
            var balance = (await wallet.Get()).Balance;
            Break(entries.Sum(entry => entry.Amount) == balance ? null : $"the entries of {user} are not the balance {balance}");
            var paid = (await wallet.Payments(0, 1_000)).Items.Select(payment => payment.PaymentId).ToHashSet();
            var sold = books.Sales.Values.Where(sale => books.Holds[sale.ReservationId].UserId == user).Select(sale => sale.PaymentId);
            Break(paid.SetEquals(sold) ? null : $"the payments of {user} are not the sales");
            var listed = (await wallet.ReservationIds(0, 1_000)).Items.Select(id => id.Id).ToHashSet();
            var held = books.Holds.Values.Where(hold => hold.UserId == user).Select(hold => hold.ReservationId);
            Break(listed.SetEquals(held) ? null : $"the reservations of {user} are not the holds");
        }
    }

    private async Task AnswersAreKept()
    {
        foreach (var ((caller, key), body) in Claims.Answers)
        {
            var kept = await Site.Grains!.GetGrain<IAnswersGrain>(WireNames.Answers).Find(caller, key);
            Break(kept is { } answer && Buyer.Text(answer) == body ? null : $"the answer to {key} of {caller} was {body} and is {kept}");
        }
    }
}
