namespace OrleansConcert.Flows.Requeue;

/// <summary>Steps 4 and 5: a seat is held, and then reserved by confirming the hold.</summary>
public sealed partial class Requeue
{
    [Fact]
    public async Task Step_4_1_1_A_free_seat_of_a_date_is_held_for_5_minutes()
    {
        var sale = await Sale();
        var held = (await HoldOn(sale, sale.Date, await Active(sale.QueueId))).Is(HttpStatusCode.Created);
        Assert.Equal(("HELD", "A-1-1"), (held.Text("status"), held["seats"][0].GetProperty("seatId").GetString()));
        Assert.Equal((1000L, 300_000L), (held["amount"].GetInt64(), held["expiresInMs"].GetInt64()));
        Assert.Equal(Server.Now + Minutes(5), held["expiresAt"].GetDateTimeOffset());
    }

    [Fact]
    public async Task Step_4_1_2_An_invalid_token_holds_nothing()
    {
        var sale = await Sale();
        await RefusesInvalid(sale.QueueId, caller => HoldOn(sale, sale.Date, caller));
        await RefusesExpired(sale.QueueId, caller => HoldOn(sale, sale.Date, caller));
        await RefusesWaiting(sale.QueueId, caller => HoldOn(sale, sale.Date, caller));
    }

    [Fact]
    public async Task Step_4_1_3_A_seat_already_taken_is_refused()
    {
        var sale = await Sale();
        var (buyer, holder, other) = (await Buyer(sale), await Active(sale.QueueId), await Active(sale.QueueId));
        (await Confirmed(sale, buyer, "A-1-1")).Is(HttpStatusCode.OK);
        (await HoldOn(sale, sale.Date, holder, "A-1-2")).Is(HttpStatusCode.Created);
        foreach (var seat in new[] { "A-1-1", "A-1-2" })
        {
            var taken = (await HoldOn(sale, sale.Date, other, seat)).Is(ProblemCode.SeatsTaken);
            Assert.Equal(seat, taken["seats"].EnumerateArray().Single().GetString());
        }
    }

    [Fact]
    public async Task Step_4_1_4_At_an_unknown_concert_nothing_is_held()
    {
        var sale = await Sale();
        (await HoldOn(sale with { ConcertId = "none" }, sale.Date, await Active(sale.QueueId))).Is(ProblemCode.ConcertNotFound);
    }

    [Fact]
    public async Task Step_4_1_5_On_a_date_that_cannot_be_booked_nothing_is_held()
    {
        var later = await Sale(times: $"\"salesOpenAt\":\"{Server.Now.AddDays(9):yyyy-MM-ddTHH:mm:ssZ}\",");
        var visitor = await Active(later.QueueId);
        (await HoldOn(later, "2001-01-01", visitor)).Is(ProblemCode.DateNotBookable);
        (await HoldOn(later, later.Date, visitor)).Is(ProblemCode.DateNotBookable);
        (await Hold(later, visitor)).Is(ProblemCode.SalesClosed);
    }

    [Fact]
    public async Task Step_5_1_1_A_live_hold_becomes_a_reservation_with_the_same_deadline()
    {
        var sale = await Sale();
        var visitor = await Active(sale.QueueId);
        var held = await Hold(sale, visitor);
        Pass(Minutes(1));
        var reserved = (await Confirm(held.Text("reservationId"), visitor)).Is(HttpStatusCode.OK);
        Assert.Equal(("RESERVED", 240_000L), (reserved.Text("status"), reserved["expiresInMs"].GetInt64()));
        Assert.Equal(held["expiresAt"].GetRawText(), reserved["expiresAt"].GetRawText());
    }

    [Fact]
    public async Task Step_5_1_2_An_invalid_token_reserves_nothing()
    {
        var sale = await Sale();
        var holder = await Active(sale.QueueId);
        var id = (await Hold(sale, holder)).Text("reservationId");
        await RefusesInvalid(sale.QueueId, caller => Confirm(id, caller));
        (await Confirm(id, await Active(sale.QueueId))).Is(ProblemCode.NotOwner);
        Assert.Equal("HELD", (await Reservation(id, holder)).Text("status"));
        await RefusesExpired(sale.QueueId, caller => Confirm(id, caller));
    }

    [Fact]
    public async Task Step_5_1_3_A_hold_that_is_over_is_not_reserved()
    {
        var sale = await Sale();
        var visitor = await Active(sale.QueueId);
        var id = (await Hold(sale, visitor)).Text("reservationId");
        await LetLapse(visitor);
        (await Confirm(id, visitor)).Is(ProblemCode.HoldExpired);
    }

    [Fact]
    public async Task Step_5_1_4_A_seat_already_paid_is_not_reserved_again_and_a_reserved_one_stays_so()
    {
        var sale = await Sale();
        var buyer = await Buyer(sale);
        var reserved = (await Confirmed(sale, buyer)).Is(HttpStatusCode.OK);
        var id = reserved.Text("reservationId");
        Assert.Equal(reserved.Bytes, (await Confirm(id, buyer)).Is(HttpStatusCode.OK).Bytes);
        (await Pay(id, buyer)).Is(HttpStatusCode.Created);
        await Becomes("DONE", buyer.OnlyToken);
        (await Confirm(id, await Active(sale.QueueId, buyer))).Is(ProblemCode.AlreadyReserved);
    }

    private Task<Got> Confirm(string id, Visitor? visitor) => Server.Post($"/v1/reservations/{id}/confirm", visitor);

    /// <summary>Holds a seat and confirms it.</summary>
    private async Task<Got> Confirmed(Sale sale, Visitor visitor, string seat = "A-1-1") =>
        await Confirm((await Hold(sale, visitor, seat)).Is(HttpStatusCode.Created).Text("reservationId"), visitor);

    /// <summary>Passes the 5 minutes of a hold, with its owner seen in between.</summary>
    private async Task LetLapse(Visitor owner)
    {
        Pass(Minutes(3));
        (await Poll(owner)).Is(HttpStatusCode.OK);
        Pass(Minutes(2));
    }
}
