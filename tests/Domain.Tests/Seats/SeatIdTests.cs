using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests.Seats;

public class SeatIdTests
{
    [Theory]
    [InlineData("A-1-1", "A", 1, 1)]
    [InlineData("a_9-12-1000", "a_9", 12, 1000)]
    [InlineData("A-2147483647-2147483647", "A", int.MaxValue, int.MaxValue)]
    public void A_name_is_read_and_written_alike(string text, string section, int row, int number)
    {
        Assert.True(SeatId.TryParse(text, out var seat));
        Assert.Equal(new(section, row, number), seat);
        Assert.Equal(text, seat.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("--")]
    [InlineData("A")]
    [InlineData("A-1")]
    [InlineData("-1-1")]
    [InlineData("A--1")]
    [InlineData("A-1-")]
    [InlineData("A-0-1")]
    [InlineData("A-1-0")]
    [InlineData("A-01-1")]
    [InlineData("A-1-01")]
    [InlineData("A-+1-1")]
    [InlineData("A-1-+1")]
    [InlineData("A- 1-1")]
    [InlineData("A-1 -1")]
    [InlineData("A-1-1 ")]
    [InlineData("A-1-1\0")]
    [InlineData("A-1\0-1")]
    [InlineData("A-1-1\0\0")]
    [InlineData("A-1-1\n")]
    [InlineData("A-1-1.0")]
    [InlineData("A-1-1e0")]
    [InlineData("A-1-0x1")]
    [InlineData("A-1-١")]
    [InlineData("A-1-１")]
    [InlineData("A-1-2147483648")]
    [InlineData("A-1-99999999999999999999")]
    public void Any_other_spelling_is_no_seat(string text)
    {
        Assert.False(SeatId.TryParse(text, out var seat));
        Assert.Equal(default, seat);
    }

    [Fact]
    public void Whatever_is_read_is_written_the_same() => Walk.Each(seeds: 200, steps: 200, random => () =>
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => "A-10 \0+_é1-"[random.Next(11)]));
        if (SeatId.TryParse(text, out var seat))
        {
            Assert.Equal(text, seat.ToString());
            Assert.True(seat is { Row: > 0, Number: > 0, Section.Length: > 0 });
        }
    });
}
