namespace OrleansConcert.Flows.Requeue;

/// <summary>Step 3: what can be booked.</summary>
public sealed partial class Requeue
{
    private const string TwoSeats = """[{"name":"A","rows":1,"seatsPerRow":2,"price":1000}]""";

    [Fact]
    public async Task Step_3_0_A_poll_says_when_one_may_go_on()
    {
        var sale = await Sale();
        var visitor = await Waiting(sale.QueueId);
        (await Dates(sale, visitor)).Is(ProblemCode.TokenNotActive);
        Pass(Seconds(10));
        await Becomes("ACTIVE", visitor);
        (await Dates(sale, visitor)).Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Step_3_1_1_The_dates_are_listed()
    {
        var sale = await Sale();
        var dates = (await Dates(sale, await Active(sale.QueueId))).Is(HttpStatusCode.OK)["dates"];
        Assert.Equal(sale.Date, dates.EnumerateArray().Single().GetProperty("date").GetString());
    }

    [Fact]
    public async Task Step_3_1_2_Where_no_date_can_be_booked_the_list_is_empty()
    {
        var later = await Sale(times: $"\"salesOpenAt\":\"{Server.Now.AddDays(9):yyyy-MM-ddTHH:mm:ssZ}\",");
        Assert.Equal(0, (await Dates(later, await Active(later.QueueId))).Is(HttpStatusCode.OK)["dates"].GetArrayLength());

        var full = await Sale(TwoSeats);
        var visitor = await Active(full.QueueId);
        (await Server.Hold(full, visitor, "A-1-1", "A-1-2")).Is(HttpStatusCode.Created);
        await Soon(() => Dates(full, visitor), got => got["dates"].GetArrayLength() == 0);
    }

    [Fact]
    public async Task Step_3_1_3_An_invalid_token_sees_no_dates()
    {
        var sale = await Sale();
        await RefusesInvalid(sale.QueueId, caller => Dates(sale, caller));
        await RefusesExpired(sale.QueueId, caller => Dates(sale, caller));
    }

    [Fact]
    public async Task Step_3_1_4_An_unknown_concert_has_no_dates()
    {
        var sale = await Sale();
        (await Dates(sale with { ConcertId = "none" }, await Active(sale.QueueId))).Is(ProblemCode.ConcertNotFound);
    }

    [Fact]
    public async Task Step_3_2_1_The_free_seats_of_a_date_are_listed()
    {
        var sale = await Sale();
        var visitor = await Active(sale.QueueId);
        (await Hold(sale, visitor, "A-1-2")).Is(HttpStatusCode.Created);
        var seats = await Soon(
            () => SeatsOn(sale, sale.Date, visitor, "&status=AVAILABLE"), got => got["seats"].GetArrayLength() == 11);
        Assert.All(seats["seats"].EnumerateArray(), seat => Assert.Equal("AVAILABLE", seat.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Step_3_2_2_Where_no_seat_is_free_the_list_is_empty()
    {
        var sale = await Sale(TwoSeats);
        var visitor = await Active(sale.QueueId);
        (await Server.Hold(sale, visitor, "A-1-1", "A-1-2")).Is(HttpStatusCode.Created);
        var seats = await Soon(
            () => SeatsOn(sale, sale.Date, visitor, "&status=AVAILABLE"), got => got["seats"].GetArrayLength() == 0);
        seats.Is(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Step_3_2_3_An_invalid_token_sees_no_seats()
    {
        var sale = await Sale();
        await RefusesInvalid(sale.QueueId, caller => SeatsOn(sale, sale.Date, caller));
        await RefusesExpired(sale.QueueId, caller => SeatsOn(sale, sale.Date, caller));
    }

    [Fact]
    public async Task Step_3_2_4_An_unknown_concert_has_no_seats()
    {
        var sale = await Sale();
        (await SeatsOn(sale with { ConcertId = "none" }, sale.Date, await Active(sale.QueueId))).Is(ProblemCode.ConcertNotFound);
    }

    [Fact]
    public async Task Step_3_2_5_A_date_that_cannot_be_booked_has_no_seats()
    {
        var later = await Sale(times: $"\"salesOpenAt\":\"{Server.Now.AddDays(9):yyyy-MM-ddTHH:mm:ssZ}\",");
        var visitor = await Active(later.QueueId);
        (await SeatsOn(later, "2001-01-01", visitor)).Is(ProblemCode.DateNotBookable);
        (await SeatsOn(later, later.Date, visitor)).Is(ProblemCode.DateNotBookable);
        (await SeatsOn(later, "someday", visitor)).Is(ProblemCode.InvalidDate);
    }
}
