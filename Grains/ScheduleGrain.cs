using OrleansConcert.Domain.Seats;
using OrleansConcert.Grains.Journal;

namespace OrleansConcert.Grains;

/// <summary>One schedule's seats: one consistency boundary, so that several seats are taken together or not at all.</summary>
public sealed partial class ScheduleGrain(JournaledGrainServices services)
    : WakingGrain<ScheduleState, SeatEvent>(services, JournalFormats.Schedule), IScheduleGrain
{
    /// <summary>
    /// Nobody waits for longer. A silo that hung with the permit on its way may have been followed, and the token ended, since then.
    /// </summary>
    private static readonly TimeSpan PermitWorth = TimeSpan.FromSeconds(2.5);

    private readonly PermitsInUse _permits = new();

    public Task<Answer<ScheduleView>> Open(ScheduleDefinition definition) =>
        Answer(Holding.Open(State, definition, Now), 201, View);

    public Task<Answer<ScheduleDefinition>> Define() =>
        Answer(Holding.Exists(State), 200, () => State.Definition!);

    public async Task<Answer<ScheduleView>> Get()
    {
        Advance();
        await Flush();
        await WhenDurable(_lapsedAt);
        return await Answer(Holding.Exists(State), 200, View);
    }

    public async Task<SeatStatuses?> Map(long known)
    {
        Advance();
        LeaveIfNobody();
        await Flush();
        await WhenDurable(_lapsedAt);
        return _board.Since(known);
    }

    public async Task<Answer<ReservationView>> Hold(HoldRequest request, Repeat? repeat)
    {
        if (State.Definition is not { } definition)
        {
            return await Answer<ReservationView>(Holding.Exists(State), 0, null!);
        }

        await BeWoken();
        var asked = Now;
        var answer = await _permits.Get(
            request.Ticket, () => TokenOf(request.Ticket).Permit(Key, definition.Policy.HoldTtl));
        var now = Advance();
        if (answer.Value is not { } permit)
        {
            _ = TellWhereHoldless(request.UserId, request.Ticket, now);
            return await Answer<ReservationView>(Decision<SeatEvent>.No(answer.Refused!), 0, null!, repeat);
        }

        _permits.Decide(request.Ticket, permit);
        if (now - asked > PermitWorth || permit.Until <= now)
        {
            await Flush();
            throw new UnavailableException("The permit was too long on its way.");
        }

        var holder = new Holder(request.UserId, request.Ticket, ScopedId.Reservation(Key, Ids.NextSecret()), permit.Until);
        var decision = request.BestCount > 0
            ? Holding.HoldBest(State, holder, request.BestCount, request.BestSection, Version, now)
            : Holding.Hold(State, holder, request.Seats, now);
        if (decision.Refused is not null)
        {
            _ = TellWhereHoldless(request.UserId, request.Ticket, now);
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
            // Whoever gave a hold back may join the queue again at once, and is not told of it any more.
            await TellWhereHoldless(userId, released.Ticket, Now);
        }

        return answer;
    }

    public async Task ReleaseAll(string userId, long ticket, ReleaseReason why)
    {
        var now = Advance();
        _permits.Revoke(ticket);
        Fold(Holding.ReleaseAll(State, userId, ticket, why, now));
        Arm();
        await Flush();
        await EnsureCurrent();
    }

    public async Task<Answer<PaymentView>> Pay(PayRequest request, Repeat? repeat)
    {
        if (await AnswerTo(repeat) is { } given)
        {
            // Its claim is written with the sale only, so one used up must not begin another.
            return given.ToReplayed();
        }

        var now = Advance();
        var reservationId = request.ReservationId ?? Paying.Match(State, request.UserId, request.Seats)?.Id ?? "";
        var paymentId = ScopedId.Payment(Key, Ids.NextSecret());
        var decision = Paying.Start(State, reservationId, request.UserId, paymentId, repeat, now);
        if (decision.Refused is not null)
        {
            return await Answer<PaymentView>(decision, 0, null!, repeat);
        }

        Fold(decision.Events);
        var reservation = State.Find(reservationId)!;
        return await Drive(reservation);
    }

    private ITokenGrain TokenOf(long ticket) =>
        GrainFactory.GetGrain<ITokenGrain>(WireNames.Token(State.Definition!.QueueId, ticket));

    private static byte[] JsonText(string text) => System.Text.Encoding.UTF8.GetBytes($"\"{text}\"");
}
