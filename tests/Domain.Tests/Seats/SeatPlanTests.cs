using OrleansConcert.Domain.Seats;

namespace OrleansConcert.Domain.Tests.Seats;

public class SeatPlanTests
{
    [Fact]
    public void Numbers_names_rows_and_prices_agree_in_any_house() => Walk.Each(seeds: 200, steps: 1, random => () =>
    {
        ImmutableArray<Section> sections =
        [
            .. Enumerable.Range(0, random.Next(1, 6)).Select(index =>
                new Section($"S{index}", random.Next(1, 8), random.Next(1, 9), random.Next(0, 1_000_000))),
        ];
        var plan = new SeatPlan(sections);
        var (seat, row) = (0, 0);
        foreach (var section in sections)
        {
            for (var inSection = 1; inSection <= section.Rows; inSection++, row++)
            {
                for (var number = 1; number <= section.SeatsPerRow; number++, seat++)
                {
                    var name = $"{section.Name}-{inSection}-{number}";
                    Assert.Equal(seat, plan.IndexOf(name));
                    Assert.Equal(name, plan.SeatAt(seat).ToString());
                    Assert.Equal((row, section.Price), (plan.RowOf(seat), plan.PriceOf(seat)));
                }
            }

            Assert.True(plan.HasSection(section.Name));
            Assert.Equal(-1, plan.IndexOf($"{section.Name}-{section.Rows + 1}-1"));
            Assert.Equal(-1, plan.IndexOf($"{section.Name}-1-{section.SeatsPerRow + 1}"));
            Assert.Equal(-1, plan.IndexOf($"{section.Name}-0-1"));
        }

        Assert.Equal((seat, row), (plan.SeatCount, plan.RowCount));
        Assert.False(plan.HasSection("s0"));
        Assert.Equal(-1, plan.IndexOf("s0-1-1"));
        Assert.Empty(SeatPlan.Violations(sections));
    });

    [Fact]
    public void A_house_within_all_bounds_has_no_violation()
    {
        Assert.Empty(SeatPlan.Violations([new("A", 1, 1, 0)]));
        Assert.Empty(SeatPlan.Violations([new("A234567890123456", 1_000, 1, SeatPlan.MaxPrice)]));
        Assert.Empty(SeatPlan.Violations([new("A", 1, 1_000, 0), new("B", 99, 1_000, 0)]));
        Assert.Empty(SeatPlan.Violations([.. Enumerable.Range(0, 100).Select(index => new Section($"S{index}", 1, 1_000, 1))]));
    }

    [Fact]
    public void A_house_needs_one_section_and_has_a_hundred_at_most()
    {
        Assert.Equal([("sections", "1 to 100 sections")], SeatPlan.Violations([]));
        Assert.Equal(["sections"], Members([.. Enumerable.Range(0, 101).Select(index => new Section($"S{index}", 1, 1, 1))]));
    }

    [Fact]
    public void Too_many_sections_are_one_violation_whatever_is_wrong_with_each() => Assert.Equal(
        ["sections"], Members([.. Enumerable.Range(0, 101).Select(_ => new Section("", 0, 0, -1))]));

    [Theory]
    [InlineData("", 1, 1, 0, "sections[0].name", "1 to 16 of A-Z a-z 0-9 _")]
    [InlineData("A-1", 1, 1, 0, "sections[0].name", "1 to 16 of A-Z a-z 0-9 _")]
    [InlineData("A2345678901234567", 1, 1, 0, "sections[0].name", "1 to 16 of A-Z a-z 0-9 _")]
    [InlineData("A", 0, 1, 0, "sections[0].rows", "1 to 1000")]
    [InlineData("A", -1, 1, 0, "sections[0].rows", "1 to 1000")]
    [InlineData("A", 1_001, 1, 0, "sections[0].rows", "1 to 1000")]
    [InlineData("A", 1, 0, 0, "sections[0].seatsPerRow", "1 to 1000")]
    [InlineData("A", 1, 1_001, 0, "sections[0].seatsPerRow", "1 to 1000")]
    [InlineData("A", 1, 1, -1, "sections[0].price", "0 to 1000000000")]
    [InlineData("A", 1, 1, SeatPlan.MaxPrice + 1, "sections[0].price", "0 to 1000000000")]
    [InlineData("A", 101, 1_000, 1, "sections", "at most 100000 seats in all")]
    public void Each_bound_is_named(string name, int rows, int seats, long price, string member, string allowed) =>
        Assert.Equal([(member, allowed)], SeatPlan.Violations([new(name, rows, seats, price)]));

    [Fact]
    public void The_second_section_is_named_too() =>
        Assert.Equal(["sections[1].rows"], Members([new("A", 1, 1, 1), new("B", 0, 1, 1)]));

    [Fact]
    public void A_section_is_named_once() => Assert.Equal(
        [("sections", "each name once")], SeatPlan.Violations([new("A", 1, 1, 1), new("A", 1, 1, 1)]));

    [Fact]
    public void Sections_differ_by_case_alone() => Assert.Empty(Members([new("A", 1, 1, 1), new("a", 1, 1, 1)]));

    [Fact]
    public void One_seat_too_many_in_all_is_named() =>
        Assert.Equal(["sections"], Members([new("A", 100, 1_000, 1), new("B", 1, 1, 1)]));

    [Fact]
    public void Numbers_beyond_all_measure_are_named_and_nothing_overflows()
    {
        ImmutableArray<Section> huge =
            [.. Enumerable.Range(0, 100).Select(index => new Section($"S{index}", int.MaxValue, int.MaxValue, long.MaxValue))];

        Assert.Contains("sections", Members(huge));
        Assert.Equal(301, Members(huge).Length);
    }

    private static string[] Members(ImmutableArray<Section> sections) =>
        [.. SeatPlan.Violations(sections).Select(violation => violation.Member)];
}
