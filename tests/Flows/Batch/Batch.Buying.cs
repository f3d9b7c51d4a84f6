namespace OrleansConcert.Flows.Batch;

/// <summary>Steps 4 to 9: seats, holds, payment and wallet, each by itself.</summary>
public sealed partial class Batch
{
    [Fact]
    public async Task Step_4_1_The_concerts_of_the_dates_that_can_be_booked_are_shown()
    {
        var sale = await Sale();
        await Server.Schedule(sale, times: $"""
            "startsAt":"{Server.Now.AddDays(40):yyyy-MM-ddTHH:mm:ssZ}","salesOpenAt":"{Server.Now.AddDays(9):yyyy-MM-ddTHH:mm:ssZ}",
            """);
        var dates = (await Dates(sale, await Active(sale.QueueId))).Is(HttpStatusCode.OK)["dates"];
        var schedule = dates.EnumerateArray().Single().GetProperty("schedules").EnumerateArray().Single();
        Assert.Equal((sale.ScheduleId, sale.ConcertId),
            (schedule.GetProperty("scheduleId").GetString(), schedule.GetProperty("concertId").GetString()));
    }

    [Fact]
    public async Task Step_4_2_All_seats_are_shown_taken_ones_and_free_ones()
    {
        var sale = await Sale();
        var (holder, buyer, looker) = (await Active(sale.QueueId), await Buyer(sale), await Active(sale.QueueId));
        (await Hold(sale, holder, "A-1-1")).Is(HttpStatusCode.Created);
        (await Pay((await Hold(sale, buyer, "A-1-2")).Text("reservationId"), buyer)).Is(HttpStatusCode.Created);
        await Becomes("SOLD", sale, "A-1-2", looker);
        var seats = (await Seats(sale, looker)).Is(HttpStatusCode.OK)["seats"].EnumerateArray().ToList();
        Assert.Equal(12, seats.Count);
        Assert.Equal(["A-1-1", "A-1-2"], seats.Where(seat => seat.GetProperty("taken").GetBoolean())
            .Select(seat => seat.GetProperty("seatId").GetString()!));
    }

    [Fact]
    public async Task Step_5_1_A_seat_is_looked_up_and_chosen()
    {
        var sale = await Sale();
        var visitor = await Active(sale.QueueId);
        var free = (await Seats(sale, visitor, "?status=AVAILABLE")).Is(HttpStatusCode.OK)["seats"][0].GetProperty("seatId").GetString()!;
        (await Hold(sale, visitor, free)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_5_2_A_hold_keeps_its_seat_for_5_minutes()
    {
        var sale = await Sale();
        var (holder, other) = (await Active(sale.QueueId), await Active(sale.QueueId));
        var held = (await Hold(sale, holder)).Is(HttpStatusCode.Created);
        Assert.Equal(("HELD", 300_000L), (held.Text("status"), held["expiresInMs"].GetInt64()));
        Pass(Minutes(5) - Seconds(0.001));
        (await Hold(sale, other)).Is(ProblemCode.SeatsTaken);
        Assert.Equal("HELD", (await Reservation(held.Text("reservationId"), holder)).Text("status"));
    }

    [Fact]
    public async Task Step_5_3_A_hold_unpaid_for_5_minutes_is_taken_back()
    {
        var sale = await Sale();
        var (holder, other) = (await Active(sale.QueueId), await Active(sale.QueueId));
        (await Hold(sale, holder)).Is(HttpStatusCode.Created);
        Pass(Minutes(5));
        (await Hold(sale, other)).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Step_6_1_A_reservation_whose_5_minutes_are_over_is_closed_by_itself()
    {
        var sale = await Sale();
        var holder = await Active(sale.QueueId);
        var id = (await Hold(sale, holder)).Text("reservationId");
        Pass(Minutes(5));
        await Logged("schedule/" + sale.ScheduleId, "1 holds lapsed");
        Assert.Equal("EXPIRED", (await Reservation(id, holder)).Text("status"));
        await Becomes("AVAILABLE", sale, "A-1-1", holder);
    }

    [Fact]
    public async Task Step_7_1_A_held_seat_is_paid_where_the_balance_is_enough()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale, 1000);
        var paid = (await Pay((await Hold(sale, buyer)).Text("reservationId"), buyer)).Is(HttpStatusCode.Created);
        Assert.Equal((1000L, 0L), (paid["amount"].GetInt64(), paid["balanceAfter"].GetInt64()));
        Assert.Equal(0, await Balance(buyer.OnlyAccess));
    }

    [Fact]
    public async Task Step_7_2_A_balance_that_is_too_low_pays_nothing()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale, 999);
        var id = (await Hold(sale, buyer)).Text("reservationId");
        (await Pay(id, buyer)).Is(ProblemCode.InsufficientBalance);
        Assert.Equal(("HELD", 999L), ((await Reservation(id, buyer)).Text("status"), await Balance(buyer)));
    }

    [Fact]
    public async Task Step_8_1_The_balance_is_told()
    {
        var user = await Server.User();
        (await Charge(user, 700)).Is(HttpStatusCode.Created);
        Assert.Equal(700, await Balance(user));
    }

    [Fact]
    public async Task Step_9_1_A_charge_is_done_and_the_balance_told()
    {
        var user = await Server.User();
        Assert.Equal(700, (await Charge(user, 700)).Is(HttpStatusCode.Created)["balance"].GetInt64());
        Assert.Equal(701, (await Charge(user, 1)).Is(HttpStatusCode.Created)["balance"].GetInt64());
    }
}
