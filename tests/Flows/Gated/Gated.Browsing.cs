namespace OrleansConcert.Flows.Gated;

/// <summary>Steps 3 and 4: the dates that can be booked, and the seats of one.</summary>
public sealed partial class Gated
{
    [Fact]
    public async Task Step_3_1_An_invalid_token_sees_no_dates()
    {
        var sale = await Sale();
        await RefusesInvalid(sale.QueueId, caller => Dates(sale, caller));
    }

    [Fact]
    public async Task Step_3_2_A_token_that_is_not_active_sees_no_dates()
    {
        var sale = await Sale();
        await RefusesWaiting(sale.QueueId, caller => Dates(sale, caller));
        await RefusesExpired(sale.QueueId, caller => Dates(sale, caller));
    }

    [Fact]
    public async Task Step_3_3_The_dates_are_listed()
    {
        var sale = await Server.Schedule(await Sale());
        var dates = (await Dates(sale, await Active(sale.QueueId))).Is(HttpStatusCode.OK)["dates"];
        Assert.Equal(2, dates[0].GetProperty("schedules").GetArrayLength());
    }

    [Fact]
    public async Task Step_3_4_A_date_tells_when_it_is_and_how_many_seats_are_left()
    {
        var sale = await Sale();
        var buyer = await Active(sale.QueueId);
        (await Hold(sale, buyer)).Is(HttpStatusCode.Created);
        var dates = await Soon(() => Dates(sale, buyer), got =>
            got["dates"][0].GetProperty("schedules")[0].GetProperty("seatsAvailable").GetInt64() == 11);
        var date = dates["dates"][0];
        var schedule = date.GetProperty("schedules")[0];
        Assert.Equal(sale.Date, date.GetProperty("date").GetString());
        Assert.Equal(12, schedule.GetProperty("seatsTotal").GetInt64());
        Assert.True(schedule.GetProperty("startsAt").GetDateTimeOffset() > Server.Now);
    }

    [Fact]
    public async Task Step_4_1_An_invalid_token_sees_no_seats()
    {
        var sale = await Sale();
        await RefusesInvalid(sale.QueueId, caller => Seats(sale, caller));
    }

    [Fact]
    public async Task Step_4_2_A_token_that_is_not_active_sees_no_seats()
    {
        var sale = await Sale();
        await RefusesWaiting(sale.QueueId, caller => Seats(sale, caller));
        await RefusesExpired(sale.QueueId, caller => Seats(sale, caller));
    }

    [Fact]
    public async Task Step_4_3_Each_seat_has_a_number_a_price_and_a_status()
    {
        var sale = await Sale();
        var seats = (await Seats(sale, await Active(sale.QueueId))).Is(HttpStatusCode.OK)["seats"];
        Assert.Equal(12, seats.GetArrayLength());
        var last = seats[11];
        Assert.Equal("A-3-4", last.GetProperty("seatId").GetString());
        Assert.Equal((3, 4), (last.GetProperty("row").GetInt32(), last.GetProperty("number").GetInt32()));
        Assert.Equal(1000, last.GetProperty("price").GetInt64());
        Assert.Equal("AVAILABLE", last.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Step_4_4_Held_free_and_sold_seats_are_told_apart()
    {
        var sale = await Sale();
        var (holder, buyer, looker) = (await Active(sale.QueueId), await Buyer(sale), await Active(sale.QueueId));
        (await Hold(sale, holder, "A-1-1")).Is(HttpStatusCode.Created);
        (await Pay((await Hold(sale, buyer, "A-1-2")).Text("reservationId"), buyer)).Is(HttpStatusCode.Created);
        await Becomes("HELD", sale, "A-1-1", looker);
        await Becomes("SOLD", sale, "A-1-2", looker);
        await Becomes("AVAILABLE", sale, "A-1-3", looker);
    }
}
