using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests.Seats;

public class ScopedIdTests
{
    [Fact]
    public void An_id_names_its_schedule()
    {
        Assert.Equal("rsv.friday_1.s-x", ScopedId.Reservation("friday_1", "s-x"));
        Assert.Equal("pay.friday_1.s-x", ScopedId.Payment("friday_1", "s-x"));
        Assert.Equal("friday_1", ScopedId.ScheduleOfReservation("rsv.friday_1.s-x"));
        Assert.Equal("friday_1", ScopedId.ScheduleOfPayment("pay.friday_1.s-x"));
        Assert.Equal(new('s', 64), ScopedId.ScheduleOfReservation(ScopedId.Reservation(new('s', 64), new('x', 22))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rsv")]
    [InlineData("rsv.friday")]
    [InlineData("rsv.friday.")]
    [InlineData("rsv..x")]
    [InlineData("rsv.fri day.x")]
    [InlineData("rsv.friday.x.y")]
    [InlineData("RSV.friday.x")]
    [InlineData("pay.friday.x")]
    public void Any_other_text_is_no_reservation(string text) => Assert.Null(ScopedId.ScheduleOfReservation(text));

    [Fact]
    public void A_reservation_is_no_payment_and_neither_is_endless()
    {
        Assert.Null(ScopedId.ScheduleOfPayment("rsv.friday.x"));
        Assert.NotNull(ScopedId.ScheduleOfPayment("pay.friday." + new string('x', 117)));
        Assert.Null(ScopedId.ScheduleOfPayment("pay.friday." + new string('x', 118)));
    }
}
