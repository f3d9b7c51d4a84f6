using OrleansConcert.Domain.Seats;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>One schedule's seats: one consistency boundary, so that several seats are taken together or not at all.</summary>
public sealed partial class ScheduleGrain(JournaledGrainServices services)
    : WakingGrain<ScheduleState, SeatEvent>(services, WireNames.ScheduleStreams), IScheduleGrain
{
    /// <summary>The serial of the last permit of each ticket that has live holds here.</summary>
    private readonly Dictionary<long, long> _permits = [];

    /// <summary>The tickets that wait for a permit now.</summary>
    private readonly Dictionary<long, Asking> _asking = [];

    public Task<Answer<ScheduleView>> Open(ScheduleDefinition definition) =>
        Answer(Holding.Open(State, definition, Now), 201, View);

    public Task<Answer<ScheduleDefinition>> Define() =>
        Answer(Holding.Exists(State), 200, () => State.Definition!);

    public async Task<Answer<ScheduleView>> Get()
    {
        Advance();
        await Flush();
        return await Answer(Holding.Exists(State), 200, View);
    }

    public async Task<SeatStatuses?> Map(long known)
    {
        Advance();
        LeaveIfNobody();
        await Flush();
        return _board.Version == known ? null : _board.Publish();
    }

    public async Task<Answer<ReservationView>> Hold(HoldRequest request, Repeat? repeat)
    {
        if (State.Definition is not { } definition)
        {
            return await Answer<ReservationView>(Holding.Exists(State), 0, null!);
        }

        var answer = await Permit(request.Ticket, definition.Policy.HoldTtl);
        if (answer.Value is not { } permit)
        {
            return answer.Refused!;
        }

        var now = Advance();
        var holder = new Holder(request.UserId, request.Ticket, ScopedId.Reservation(Key, Ids.NextSecret()), permit.Until);
        var decision = request.BestCount > 0
            ? Holding.HoldBest(State, holder, request.BestCount, request.BestSection, Version, now)
            : Holding.Hold(State, holder, request.Seats, now);
        _permits[request.Ticket] = Math.Max(permit.Serial, _permits.GetValueOrDefault(request.Ticket));
        if (decision.Refused is not null)
        {
            TellWhereHoldless(request.UserId, request.Ticket, now);
        }

        return await Answer(
            decision,
            201,
            () => View(State.Find(holder.ReservationId)!, now),
            repeat,
            () => new(WireNames.ReservationStreams + request.UserId, JsonText(holder.ReservationId)));
    }

    public Task<Answer<ReservationView>> Find(string reservationId, string userId)
    {
        var now = Advance();
        return Answer(Holding.See(State, reservationId, userId), 200, () => View(State.Find(reservationId)!, now));
    }

    public Task<Answer<ReservationView>> Confirm(string reservationId, string userId, Repeat? repeat)
    {
        var now = Advance();
        var decision = Holding.Confirm(State, reservationId, userId, now);
        return Answer(decision, 200, () => View(State.Find(reservationId)!, now), repeat);
    }

    public async Task<Answer<ReservationView>> Release(string reservationId, string userId)
    {
        var now = Advance();
        var decision = Holding.Release(State, reservationId, userId, now);
        var answer = await Answer(decision, 200, () => View(State.Find(reservationId)!, now));
        if (answer.Value is not null && State.Find(reservationId) is { } released)
        {
            TellWhereHoldless(userId, released.Ticket, Now);
        }

        return answer;
    }

    public async Task ReleaseAll(string userId, long ticket, ReleaseReason why)
    {
        var now = Advance();
        _permits.Remove(ticket);
        if (_asking.Remove(ticket, out var asking))
        {
            asking.Ended = true;
        }

        Fold(Holding.ReleaseAll(State, userId, ticket, why, now));
        Arm();
        await Flush();
    }

    public async Task<Answer<PaymentView>> Pay(PayRequest request, Repeat? repeat)
    {
        var now = Advance();
        var reservationId = request.ReservationId ?? Paying.Match(State, request.UserId, request.Seats)?.Id ?? "";
        var paymentId = ScopedId.Payment(Key, Ids.NextSecret());
        var decision = Paying.Start(State, reservationId, request.UserId, paymentId, repeat, now);
        if (decision.Refused is not null)
        {
            return await Answer<PaymentView>(decision, 0, null!);
        }

        Fold(decision.Events);
        var reservation = State.Find(reservationId)!;
        return await Drive(reservation);
    }

    /// <summary>Asks for a permit, and again where the token ended while the answer was on its way.</summary>
    private async Task<Answer<Permit>> Permit(long ticket, TimeSpan holdTtl)
    {
        while (true)
        {
            var asking = _asking.TryGetValue(ticket, out var other) ? other : _asking[ticket] = new();
            asking.Count++;
            try
            {
                var answer = await TokenOf(ticket).Permit(Key, holdTtl);
                if (!asking.Ended || answer.Value is null)
                {
                    return answer;
                }
            }
            finally
            {
                if (--asking.Count == 0 && !asking.Ended)
                {
                    _asking.Remove(ticket);
                }
            }
        }
    }

    private ITokenGrain TokenOf(long ticket) =>
        GrainFactory.GetGrain<ITokenGrain>(WireNames.Token(State.Definition!.QueueId, ticket));

    private static byte[] JsonText(string text) => System.Text.Encoding.UTF8.GetBytes($"\"{text}\"");

    /// <summary>The holds of one ticket that wait for a permit, and whether the token ended meanwhile.</summary>
    private sealed class Asking
    {
        public int Count { get; set; }

        public bool Ended { get; set; }
    }
}
