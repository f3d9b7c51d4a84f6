using Microsoft.Extensions.Logging;

namespace OrleansConcert.Flows.Capacity;

/// <summary>Steps 2 and 3: dates and seats, for every token but an expired one.</summary>
public sealed partial class Capacity
{
    [Fact]
    public async Task Step_2_1_An_expired_token_sees_no_dates()
    {
        var sale = await Sale();
        await RefusesExpired(sale.QueueId, caller => Dates(sale, caller));
        await RefusesInvalid(sale.QueueId, caller => Dates(sale, caller));
    }

    [Fact]
    public async Task Step_2_2_Any_other_token_sees_the_dates()
    {
        var sale = await Sale();
        foreach (var visitor in await Unexpired(sale))
        {
            var dates = (await Dates(sale, visitor)).Is(HttpStatusCode.OK)["dates"];
            Assert.Equal(sale.Date, dates[0].GetProperty("date").GetString());
        }
    }

    [Fact]
    public async Task Step_2_3_A_token_active_for_30_minutes_expires_by_itself()
    {
        var queue = await Queue();
        var visitor = await Active(queue);
        Pass(Minutes(30) - Seconds(0.001));
        Assert.Equal("ACTIVE", (await Poll(visitor)).Is(HttpStatusCode.OK).Text("status"));
        Pass(Seconds(0.001));
        Assert.Equal(LogLevel.Information, (await Logged("queue/" + queue, "1 tokens ended")).Level);
        var ended = (await Poll(visitor)).Is(ProblemCode.TokenEnded);
        Assert.Equal(("EXPIRED", "TTL"), (ended.Text("tokenStatus"), ended.Text("reason")));
    }

    [Fact]
    public async Task Step_3_1_An_expired_token_sees_no_seats()
    {
        var sale = await Sale();
        await RefusesExpired(sale.QueueId, caller => Seats(sale, caller));
        await RefusesInvalid(sale.QueueId, caller => Seats(sale, caller));
    }

    [Fact]
    public async Task Step_3_2_Any_other_token_sees_the_free_seats_of_a_date()
    {
        var sale = await Sale();
        var visitors = await Unexpired(sale);
        foreach (var visitor in visitors)
        {
            var seats = await Soon(
                () => SeatsOn(sale, sale.Date, visitor, "&status=AVAILABLE"), got => got["seats"].GetArrayLength() == 11);
            Assert.DoesNotContain(seats["seats"].EnumerateArray(), seat => seat.GetProperty("seatId").GetString() == "A-1-1");
        }
    }

    [Fact]
    public async Task Step_3_3_A_token_that_only_watches_expires_after_30_minutes_too()
    {
        var sale = await Sale();
        var watching = await Active(sale.QueueId);
        for (var minutes = 0; minutes < 30; minutes += 10)
        {
            (await Seats(sale, watching)).Is(HttpStatusCode.OK);
            Pass(Minutes(10));
        }

        Assert.Equal("TTL", (await Seats(sale, watching.OnlyToken)).Is(ProblemCode.TokenEnded).Text("reason"));
    }

    /// <summary>Somebody ACTIVE, somebody WAITING, and somebody who has paid for A-1-1 and is DONE.</summary>
    private async Task<Visitor[]> Unexpired(Sale sale)
    {
        var buyer = await Buyer(sale);
        (await Pay((await Hold(sale, buyer)).Text("reservationId"), buyer)).Is(HttpStatusCode.Created);
        await Becomes("DONE", buyer.OnlyToken);
        return [await Active(sale.QueueId), await Waiting(sale.QueueId), buyer];
    }
}
