using System.Security.Cryptography;
using System.Text;

namespace OrleansConcert.Simulation;

/// <summary>Pauses, drains, resumes, changes the policy, ends tokens and gives payments back now and then.</summary>
internal sealed class Operator(World world)
{
    private const string Name = "operator";
    private readonly Random _random = world.Random;
    private int _keys;

    public async Task Manage()
    {
        await world.Operations(_random.Next(5, 40));
        while (world.Begin())
        {
            if (_random.Next(2) == 0 && world.Paid.Count > 0)
            {
                await Refund(world.Paid[_random.Next(world.Paid.Count)]);
            }
            else if (_random.Next(4) == 0 && world.Books.Joins.Count > 0)
            {
                await End(world.Books.Joins[_random.Next(world.Books.Joins.Count) + 1].UserId);
            }
            else if (_random.Next(2) == 0)
            {
                var policy = Policies.AnyQueue(_random);
                var view = await world.Ask("operator", "put", grains => Queue(grains).Put("any", policy));
                if (view is not null && view.Policy != policy)
                {
                    world.Break("the policy that was put is not the one that was answered");
                }
            }
            else
            {
                var mode = Policies.One(_random, QueueMode.Open, QueueMode.Paused, QueueMode.Draining);
                var told = await SetMode(mode);
                if (told is not null && mode != QueueMode.Open && _random.Next(4) > 0)
                {
                    await world.Operations(_random.Next(1, 15));
                    await SetMode(QueueMode.Open);
                }
            }

            await world.Operations(_random.Next(5, 40));
        }
    }

    /// <summary>Mostly under a key, and sometimes twice under it.</summary>
    private async Task<Answer<QueueView>?> SetMode(QueueMode mode)
    {
        var repeat = _random.Next(2) == 0 ? null : NextKey();
        var told = await world.Ask(Name, $"{mode} under {repeat?.Key}", grains => Queue(grains).SetMode(mode, repeat));
        if (repeat is not null && (told is null || _random.Next(3) == 0))
        {
            Answered(repeat, told);
            told = await world.Ask(
                Name, $"{mode} again under {repeat.Key}", grains => Queue(grains).SetMode(mode, repeat));
        }

        Answered(repeat, told);
        return told;
    }

    /// <summary>Ends the place that a user has, mostly under a key, and sometimes twice at once.</summary>
    private async Task End(string userId)
    {
        var place = await world.Ask(Name, $"ticket of {userId}", async grains => new Place(await Queue(grains).TicketOf(userId)));
        if (place is not { Ticket: > 0 and var ticket })
        {
            return;
        }

        var repeat = _random.Next(4) == 0 ? null : NextKey();
        var why = $"reason {_random.Next(5)}";
        world.Claims.MayEnd(ticket, EndReason.Admin);
        await (_random.Next(4) == 0 ? Task.WhenAll(Once(), Once()) : Once());

        async Task Once()
        {
            var told = await world.Ask(Name, $"end ticket {ticket} under {repeat?.Key}", grains =>
                grains.GetGrain<ITokenGrain>(WireNames.Token(World.QueueId, ticket)).End(userId, why, repeat));
            Answered(repeat, told);
            if (told?.Value is { } view)
            {
                world.Claims.Add($"{ticket} was ended: {why}", books => view.Reason == EndReason.Admin
                    && books.Ends.TryGetValue(ticket, out var ends)
                    && ends.Exists(end => (end.Status, end.Reason, end.Why) == (TokenStatus.Cancelled, EndReason.Admin, why)));
            }
        }
    }

    private void Answered<TView>(Repeat? repeat, Answer<TView>? told)
        where TView : class
    {
        var body = told is { Value: { } view } ? $"{told.Status} {Encoding.UTF8.GetString(AnswerJson.Write(view))}"
            : told?.Replayed is { } replayed ? Buyer.Text(replayed)
            : null;
        world.Break(repeat is null || body is null ? null : world.Claims.Answered(repeat, body));
    }

    private Repeat NextKey()
    {
        var key = $"{Name}-{++_keys}";
        return new Repeat(Name, key, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
    }

    /// <summary>Gives a payment back, perhaps again, perhaps twice at once and under one key, until it is told so.</summary>
    private async Task Refund(string paymentId)
    {
        var repeat = _random.Next(4) == 0 ? null : NextKey();
        for (var tries = _random.Next(1, 4); tries > 0 && !await (_random.Next(4) == 0 ? Twice() : Once()); tries--)
        {
            await world.Operations(_random.Next(3));
        }

        async Task<bool> Twice() => (await Task.WhenAll(Once(), Once())).All(told => told);

        async Task<bool> Once()
        {
            var request = new RefundRequest(paymentId, Name, $"reason {_random.Next(5)}");
            var schedule = ScopedId.ScheduleOfPayment(paymentId)!;
            var told = await world.Ask(
                Name,
                $"refund {paymentId} under {repeat?.Key}",
                grains => grains.GetGrain<IScheduleGrain>(schedule).Refund(request, repeat));
            world.Break(told?.Refused is { } refused ? $"{paymentId} was paid, and its refund is refused: {refused}" : null);
            if (told?.Value is { } view)
            {
                Answered(repeat, told);
                world.Claims.Add($"{view}", books => books.Refunds.TryGetValue(paymentId, out var refund)
                    && books.Credits.TryGetValue(paymentId, out var credit)
                    && credit.Amount == view.Amount
                    && (refund.RefundedAt, credit.At) == (view.RefundedAt, view.RefundedAt));
            }
            else
            {
                Answered(repeat, told);
            }

            return told is not null;
        }
    }

    private sealed record Place(long Ticket);

    private static IWaitingQueueGrain Queue(IGrainFactory grains) => grains.GetGrain<IWaitingQueueGrain>(World.QueueId);
}
