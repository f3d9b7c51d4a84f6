namespace OrleansConcert.Grains.Tests;

/// <summary>
/// What a few users and an operator do to two queues and two small houses, by chance; what is refused is part of it.
/// </summary>
/// <param name="look">Called now and then, also while a payment or a refund is in flight.</param>
internal sealed class Story(World world, int seed, Func<Task> look)
{
    private static readonly string[] Users = ["alice", "bob", "carol", "dan.d", "erin_e", "frank-f"];
    private static readonly string[] Queues = [WireNames.MainQueue, "v-i_p"];
    private static readonly (string Id, string[] Seats)[] Houses =
    [
        ("friday", ["A-1-1", "A-1-2", "A-2-1", "A-2-2"]),
        ("sat-2_b", ["A-1-1", "A_2-1-1", "A_2-1-2", "A_2-2-2", "A_2-3-1"]),
    ];

    private readonly Random _random = new(seed);
    private readonly List<ReservationView> _reservations = [];
    private readonly List<PaymentView> _payments = [];
    private readonly Dictionary<string, long> _tickets = [];

    public async Task Play(int steps)
    {
        await world.Buyer(Users[0]);
        await ChangePolicies();
        await world.WithSchedule(Houses[0].Id, null, new Section("A", 2, 2, 1_000));
        await world.WithSchedule(
            Houses[1].Id, policy => policy with { TokenPerPayment = false }, new("A", 1, 1, 0), new("A_2", 3, 2, 2_500));
        for (var step = 0; step < steps; step++)
        {
            try
            {
                await Step();
            }
            catch (UnavailableException)
            {
                // A write failed: it was to.
            }

            world.Journal.Script = null;
            if (step % 40 == 0)
            {
                await look();
            }
        }
    }

    private async Task Step()
    {
        var user = One(Users);
        await (_random.Next(24) switch
        {
            < 4 => Join(user, One(Queues)),
            < 10 => Hold(user),
            10 => Own(user, held => world.Schedule(held.ScheduleId).Confirm(held.ReservationId, user, null)),
            11 => Own(user, held => world.Schedule(held.ScheduleId).Release(held.ReservationId, user)),
            < 15 => Own(user, Pay),
            15 => Refund(),
            < 18 => world.Wallet(user).Charge(_random.Next(500, 9_000), null),
            18 => Ticketed(user, ticket => world.Token(ticket).Leave(user)),
            19 => Ticketed(user, ticket => world.Token(ticket).End(user, "noise \"quoted\" \\ and 한글", null)),
            20 => ChangePolicies(),
            21 => world.Queue(One(Queues)).SetMode(One([.. Enum.GetValues<QueueMode>(), QueueMode.Open]), null),
            _ => LetTimePass(),
        });
    }

    private async Task Join(string user, string queue)
    {
        var joined = _random.Next(8) == 0 && _tickets.TryGetValue(user, out var ticket)
            ? await world.Token(ticket).Rejoin(user, null)
            : await world.Queue(queue).Join(user, null);
        if (joined.Value is { QueueId: WireNames.MainQueue } token)
        {
            _tickets[user] = QueueToken.Verify(World.Keys, token.Token)!.Ticket;
        }
    }

    private async Task Hold(string user)
    {
        await Join(user, WireNames.MainQueue);
        var (id, seats) = One(Houses);
        var some = _random.GetItems(seats, _random.Next(1, 4)).Distinct().ToImmutableArray();
        var ticket = _tickets.GetValueOrDefault(user);
        if ((await world.Schedule(id).Hold(new(user, ticket, some, 0, null), null)).Value is { } held)
        {
            _reservations.Add(held);
            await (_random.Next(2) == 0 ? Pay(held) : Task.CompletedTask);
        }
    }

    private async Task Pay(ReservationView held)
    {
        if ((await WithAWallet(held.UserId, () => world.Pay(held))).Value is { } paid)
        {
            _payments.Add(paid);
        }
    }

    private async Task Refund()
    {
        if (_payments.Count > 0)
        {
            var paid = One([.. _payments]);
            var request = new RefundRequest(paid.PaymentId, "admin", "rain");
            await WithAWallet(paid.UserId, () => world.Schedule(paid.ScheduleId).Refund(request, null));
        }
    }

    /// <summary>The user's wallet answers at once, late, or not at all.</summary>
    private async Task<T> WithAWallet<T>(string user, Func<Task<T>> call)
    {
        var wallet = WireNames.WalletStreams + user;
        switch (_random.Next(6))
        {
            case 0:
                world.Journal.Next(wallet, One([Fate.FailBefore, Fate.FailAfter]));
                return await call();
            case < 3:
                var before = world.Journal.Caught;
                world.Journal.HoldBack(wallet);
                var answer = call();
                await World.Until(() => answer.IsCompleted || world.Journal.Caught > before);
                world.Time.Pass(Given.Minutes(_random.Next(10)));
                await look();
                world.Journal.Release();
                return await answer;
            default:
                return await call();
        }
    }

    /// <summary>And opens the queues again: paused for long, nothing happens.</summary>
    private async Task ChangePolicies()
    {
        foreach (var queue in Queues)
        {
            await world.Queue(queue).Put("standard", Preset.Standard.Queue with
            {
                Reissue = One(Enum.GetValues<Reissue>()),
                AdmitCount = _random.Next(1, 6),
                AdmitEvery = Given.Seconds(_random.Next(1, 30)),
                MaxActive = _random.Next(2, 6),
                AdmitOnPoll = _random.Next(3) > 0,
                ActiveTtl = Given.Minutes(_random.Next(3, 30)),
            });
            await world.Queue(queue).SetMode(QueueMode.Open, null);
        }
    }

    /// <summary>With or without the timers: what is due is in the journal, or not yet.</summary>
    private Task LetTimePass()
    {
        var span = Given.Seconds(_random.Next(240));
        if (_random.Next(2) == 0)
        {
            world.Time.Advance(span);
        }
        else
        {
            world.Time.Pass(span);
        }

        return Task.CompletedTask;
    }

    private Task Own(string user, Func<ReservationView, Task> call) =>
        _reservations.LastOrDefault(reservation => reservation.UserId == user) is { } own ? call(own) : Task.CompletedTask;

    private Task Ticketed(string user, Func<long, Task> call) =>
        _tickets.TryGetValue(user, out var ticket) ? call(ticket) : Task.CompletedTask;

    private T One<T>(T[] items) => items[_random.Next(items.Length)];
}
