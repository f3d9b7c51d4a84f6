namespace OrleansConcert.Simulation;

/// <summary>One buyer who pays for one seat when its hold is about to end.</summary>
internal sealed class Race(World world, int number)
{
    private readonly string _userId = $"user{number}";
    private string _reservationId = "";
    private PaymentView? _paid;
    private bool _refused;

    /// <summary>Whether the key was answered before; the books hear of a sale a step after its answer can be read.</summary>
    private bool _answered;

    public bool IsSold => world.Books.Lives[_reservationId].Exists(happened => happened is SeatsSold);

    public async Task Run()
    {
        var joined = await Insist("join", grains => Queue(grains).Join(_userId, null));
        var token = Domain.Access.QueueToken.Verify(Site.Keys, joined.Value!.Token)!;
        await Insist("charge", grains => grains.GetGrain<IWalletGrain>(_userId).Charge(50_000 + number, Key("charge")));
        var held = await Held(token.Ticket);
        _reservationId = held.ReservationId;
        var wait = held.ExpiresAt - world.Now + TimeSpan.FromMilliseconds(world.Random.Next(-50, 51));
        if (wait > TimeSpan.Zero)
        {
            await world.Delay(wait);
        }

        await Pay();
    }

    /// <summary>One of the two, and what was told is so.</summary>
    public void Check()
    {
        var payments = world.Books.Lives[_reservationId].OfType<PaymentStarted>().Select(started => started.PaymentId).ToArray();
        var debits = payments.Count(world.Books.Debits.ContainsKey);
        var balance = world.Books.Wallets[_userId].Balance;
        var wrong = (IsSold, debits, balance) != (true, 1, 40_000 + number) && (IsSold, debits, balance) != (false, 0, 50_000 + number);
        world.Break(wrong || ((_paid is not null || _answered) && !IsSold) || (_refused && IsSold)
            ? $"{_reservationId}: sold {IsSold}, {debits} debits, {balance} left; told {_paid}, answered {_answered}, refused {_refused}"
            : null);
    }

    /// <summary>Until there is an answer, under the same key.</summary>
    private async Task Pay()
    {
        while (_paid is null && !_refused)
        {
            var told = await world.Ask(_userId, $"pay {_reservationId}", grains =>
                Schedule(grains).Pay(new(_userId, _reservationId, []), Key("pay")));
            _paid = told?.Value;
            if (told?.Replayed is not null)
            {
                _answered = true;
                return;
            }

            _refused = told?.Refused is SeatRefused { Reason: SeatRefusal.HoldExpired };
            world.Break(told?.Refused is SeatRefused { Reason: not (SeatRefusal.HoldExpired or SeatRefusal.PaymentInProgress) } other
                ? $"{_reservationId} was refused: {other}"
                : null);
            if (_paid is null && !_refused)
            {
                await world.Delay(TimeSpan.FromMilliseconds(world.Random.Next(20)));
            }
        }
    }

    /// <summary>A hold that is not dead yet by the time its buyer hears of it.</summary>
    private async Task<ReservationView> Held(long ticket)
    {
        for (var tries = 0; ; tries++)
        {
            world.Claims.MayHold(_userId);
            var told = await world.Ask(_userId, "hold", grains =>
                Schedule(grains).Hold(new(_userId, ticket, [], 1, null), null));
            if (told?.Value is { } view)
            {
                return view;
            }

            await world.Delay(TimeSpan.FromMilliseconds(world.Random.Next(1_000)));
        }
    }

    private async Task<Answer<TView>> Insist<TView>(string what, Func<IGrainFactory, Task<Answer<TView>>> call)
        where TView : class
    {
        while (true)
        {
            if (await world.Ask(_userId, what, call) is { } told)
            {
                return told;
            }

            await world.Delay(TimeSpan.FromMilliseconds(world.Random.Next(100)));
        }
    }

    private Repeat Key(string what) => new(_userId, what, new string('a', 64));

    private static IWaitingQueueGrain Queue(IGrainFactory grains) => grains.GetGrain<IWaitingQueueGrain>(World.QueueId);

    private IScheduleGrain Schedule(IGrainFactory grains) => grains.GetGrain<IScheduleGrain>(world.Schedules[0]);
}
